import { useEffect, useState } from "react";
import { Dialog, Field } from "../base/parts";
import { useWords } from "../base/words";
import { canChooseOutput } from "./audio";
import { useMeters, usePhone } from "./use_phone";
import type { PhoneKind } from "./wire";
import { WORDS } from "./words";

/** Which microphone, loudspeaker and bell; hear yourself; a note on the desktop. */
export function Devices({ kind, rings, onClose }: { kind: PhoneKind; rings: boolean; onClose: () => void }) {
  const t = useWords(WORDS);
  const { audio, line } = usePhone(kind);
  const devices = useDevices();
  const [phase, setPhase] = useState<"" | "speak" | "listen" | "done">("");
  const [fault, setFault] = useState("");
  const busy = phase === "speak" || phase === "listen";

  async function test() {
    setFault("");
    try {
      await line.test(setPhase);
    } catch (error) {
      setFault(t("test_failed", { why: error instanceof Error ? error.message : String(error) }));
    }
  }

  const choice = (label: string, of: MediaDeviceKind, chosen: string, choose: (id: string) => void) => (
    <Field label={label}>
      <select value={chosen} onChange={(event) => choose(event.target.value)}>
        <option value="">{t("usual")}</option>
        {devices.filter((one) => one.kind === of && one.deviceId !== "" && one.deviceId !== "default").map((one, n) => (
          <option key={one.deviceId} value={one.deviceId}>{one.label || `${label} ${n + 1}`}</option>
        ))}
      </select>
    </Field>
  );
  return (
    <Dialog title={t("settings")} onClose={onClose}>
      <div className="stack">
        {choice(t("microphone"), "audioinput", audio.chosen.input, (input) => void line.choose({ input }))}
        {canChooseOutput && choice(t("loudspeaker"), "audiooutput", audio.chosen.output, (output) => void line.choose({ output }))}
        {canChooseOutput && rings && choice(t("ring_on"), "audiooutput", audio.chosen.ring, (ring) => void line.choose({ ring }))}
        {devices.every((one) => one.label === "") && <p className="small muted">{t("device_names")}</p>}
        <Volume kind={kind} />
        <div className="row">
          <button disabled={busy} onClick={() => void test()}>
            {phase === "speak" ? t("test_speak") : phase === "listen" ? t("test_listen") : t("test_voice")}
          </button>
          {rings && <button onClick={() => void line.testRing()}>{t("test_ring")}</button>}
        </div>
        <p className="hidden" role="status">{busy ? t(phase === "speak" ? "test_speak" : "test_listen") : ""}</p>
        {fault !== "" && <p className="note bad" role="alert">{fault}</p>}
        <NetworkFigures kind={kind} />
        {rings && <Notes />}
      </div>
    </Dialog>
  );
}

export function Volume({ kind }: { kind: PhoneKind }) {
  const t = useWords(WORDS);
  const { audio, line } = usePhone(kind);
  return (
    <label className="field volume">
      <span>{t("volume")}</span>
      <input type="range" min={0} max={1.5} step={0.05} value={audio.chosen.volume}
             aria-valuetext={`${Math.round(audio.chosen.volume * 100)} %`}
             onChange={(event) => void line.choose({ volume: Number(event.target.value) })} />
    </label>
  );
}

/** What the three bars stand for, in a call. */
function NetworkFigures({ kind }: { kind: PhoneKind }) {
  const t = useWords(WORDS);
  const meters = useMeters(kind);
  const { phone } = usePhone(kind);
  if (phone.state === "idle" || meters.round_trip_ms === null) return null;
  const { late_ms, lost } = phone.figures;
  return (
    <dl className="pairs small figure">
      <dt>{t("round_trip")}</dt><dd>{t("ms", { n: meters.round_trip_ms })}</dd>
      <dt>{t("waits_here")}</dt><dd>{t("ms", { n: meters.depth_ms })}</dd>
      <dt>{t("waits_there")}</dt><dd>{t("ms", { n: late_ms })}</dd>
      <dt>{t("gaps")}</dt><dd>{meters.underruns}</dd>
      <dt>{t("left_out")}</dt><dd>{lost + meters.skipped}</dd>
    </dl>
  );
}

function Notes() {
  const t = useWords(WORDS);
  const [allowed, setAllowed] = useState(() => (typeof Notification === "undefined" ? "denied" : Notification.permission));
  if (allowed === "granted") return <p className="small muted">{t("notify_on")}</p>;
  if (allowed === "denied") return <p className="small muted">{t("notify_no")}</p>;
  return <button onClick={() => void Notification.requestPermission().then(setAllowed)}>{t("notify")}</button>;
}

function useDevices(): readonly MediaDeviceInfo[] {
  const [found, setFound] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (media === undefined) return;
    const look = () => void media.enumerateDevices().then(setFound, () => setFound([]));
    look();
    media.addEventListener("devicechange", look);
    return () => media.removeEventListener("devicechange", look);
  }, []);
  return found;
}
