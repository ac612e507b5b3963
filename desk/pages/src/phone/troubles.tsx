import { useWords } from "../base/words";
import type { UsedPhone } from "./use_phone";
import { WORDS, type PhoneWord } from "./words";

const REFUSED: readonly string[] = ["not_logged_in", "foreign", "too_much", "rate", "lost"];

/** What is in the way of hearing, speaking or being called, and what to do about it. */
export function Troubles({ phone, audio }: Pick<UsedPhone, "phone" | "audio">) {
  const t = useWords(WORDS);
  const busy = phone.state !== "idle";
  const notes: [string, "warn" | "bad"][] = [];
  if (phone.connection === "reconnecting") notes.push([t(busy ? "reconnecting" : "reconnecting_idle"), "warn"]);
  if (phone.connection === "refused" && REFUSED.includes(phone.refusal)) notes.push([t(phone.refusal as PhoneWord), "bad"]);
  if (audio.can === "insecure") notes.push([t("insecure", { port: location.port || "80" }), "warn"]);
  if (audio.can === "no") notes.push([t("no_audio"), "warn"]);
  if (busy && audio.sound === "blocked") notes.push([t("blocked"), "bad"]);
  if (busy && audio.microphone === "asking") notes.push([t("mic_asking"), "warn"]);
  if (busy && audio.microphone === "refused") notes.push([t("mic_refused"), "warn"]);
  if (busy && audio.microphone === "missing") notes.push([t("mic_missing"), "warn"]);
  return (
    <div className="troubles" role="status">
      {notes.map(([text, kind]) => <p key={text} className={`note ${kind}`}>{text}</p>)}
    </div>
  );
}
