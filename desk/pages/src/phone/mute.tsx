import { useWords } from "../base/words";
import { microphoneOf } from "./microphone";
import type { UsedPhone } from "./use_phone";
import { WORDS } from "./words";

/**
 * Mute, where there is something to mute. A microphone that was refused is said so in its place, and asked for again by a
 * click: once it is allowed in the address bar, the call goes on with it.
 */
export function Mute({ phone, audio, line, disabled = false, keys }: Pick<UsedPhone, "phone" | "audio" | "line"> & { disabled?: boolean; keys?: string }) {
  const t = useWords(WORDS);
  const microphone = microphoneOf(audio);
  if (microphone === "none") return null;
  if (microphone !== "works")
    return (
      <button className="bad" title={t(microphone === "refused" ? "mic_refused" : "mic_missing")} onClick={() => void line.listen()}>
        {t(microphone === "refused" ? "mic_allow" : "mic_look")}
      </button>
    );
  return (
    <button aria-pressed={phone.muted} aria-keyshortcuts={keys} disabled={disabled} onClick={() => line.mute(!phone.muted)}>
      {t(phone.muted ? "unmute" : "mute")}
    </button>
  );
}
