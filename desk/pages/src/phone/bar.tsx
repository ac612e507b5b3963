import { useEffect, useState } from "react";
import { Clock, Dialog } from "../base/parts";
import { useWords } from "../base/words";
import { Devices } from "./devices";
import { Keypad } from "./keypad";
import { PhoneMeters } from "./meters";
import { Mute } from "./mute";
import "./phone.css";
import { Troubles } from "./troubles";
import { usePhone, type UsedPhone } from "./use_phone";
import { WORDS } from "./words";

/**
 * The phone of whoever is logged in, as a bar: whether calls ring here, who calls, and what can be done about it. It is
 * the same phone wherever it is shown; `dials` adds a field for a number.
 */
export function PhoneBar({ dials = true }: { dials?: boolean }) {
  const t = useWords(WORDS);
  const used = usePhone("desk");
  const { phone, audio, line } = used;
  const [settings, setSettings] = useState(false);
  useEffect(() => {
    if (audio.chosen.here) line.start();
  }, [audio.chosen.here, line]);

  return (
    <section className={`phone-bar ${phone.state}`} aria-label={t("phone")}>
      <div className="spread">
        <Standing {...used} />
        <div className="row">
          <Doing {...used} dials={dials} />
          <button className="quiet small" onClick={() => setSettings(true)}>{t("settings")}</button>
        </div>
      </div>
      <Troubles phone={phone} audio={audio} />
      {phone.fault !== null && phone.state === "idle" && <p className="note bad" role="alert">{phone.fault.message}</p>}
      {settings && <Devices kind="desk" rings onClose={() => setSettings(false)} />}
    </section>
  );
}

/** How the phone stands, in words; a screen reader hears when that changes. */
function Standing({ phone, audio, elsewhere }: UsedPhone) {
  const t = useWords(WORDS);
  const who = phone.name || phone.number || t("somebody");
  const busy = phone.state !== "idle";
  const words = busy ? t(phone.state === "idle" ? "ready" : phone.state, { who }) : elsewhere ? t("elsewhere")
    : !audio.chosen.here ? t("off") : phone.connection === "open" ? t("ready") : t("connecting");
  const kind = busy ? "accent" : phone.connection === "open" && !elsewhere ? "good" : "";
  return (
    <div className="row">
      <span className={`pill ${kind}`} role="status">{words}</span>
      {busy && phone.name !== "" && phone.number !== "" && <span className="muted">{phone.number}</span>}
      {phone.answeredAt > 0 && <Clock seconds={0} at={phone.answeredAt} />}
      {phone.answeredAt > 0 && <PhoneMeters kind="desk" lost={phone.figures.lost} />}
    </div>
  );
}

/** What can be done as things stand. */
function Doing({ phone, audio, elsewhere, line, dials }: UsedPhone & { dials: boolean }) {
  const t = useWords(WORDS);
  if (phone.state === "ringing")
    return (
      <>
        <button className="good" onClick={() => line.answer()}>{t("answer")}</button>
        <button className="bad" onClick={() => line.hangUp()}>{t("refuse")}</button>
      </>
    );
  if (phone.state !== "idle") return <InCall phone={phone} audio={audio} line={line} />;
  if (elsewhere) return <button onClick={() => line.take()}>{t("take")}</button>;
  if (!audio.chosen.here)
    return <button className="primary" onClick={() => { void line.choose({ here: true }); void line.wake(); }}>{t("switch_on")}</button>;
  return (
    <>
      {phone.connection === "refused" && <button onClick={() => line.take()}>{t("again")}</button>}
      {phone.connection === "open" && dials && <Dial line={line} />}
      <button className="quiet small" onClick={() => { void line.choose({ here: false }); line.stop(); }}>{t("switch_off")}</button>
    </>
  );
}

function InCall({ phone, audio, line }: Pick<UsedPhone, "phone" | "audio" | "line">) {
  const t = useWords(WORDS);
  const [keypad, setKeypad] = useState(false);
  const isUp = phone.state === "talking" || phone.state === "held";
  return (
    <>
      {isUp && (
        <>
          <Mute phone={phone} audio={audio} line={line} />
          <button aria-pressed={phone.state === "held"} onClick={() => line.hold(phone.state !== "held")}>
            {t(phone.state === "held" ? "take_back" : "hold")}
          </button>
          <button onClick={() => setKeypad(true)}>{t("keypad")}</button>
        </>
      )}
      <button className="bad" onClick={() => line.hangUp()}>{t("hang_up")}</button>
      {keypad && <Dialog title={t("keypad")} onClose={() => setKeypad(false)}><Keypad onKey={(key) => line.key(key)} /></Dialog>}
    </>
  );
}

function Dial({ line }: Pick<UsedPhone, "line">) {
  const t = useWords(WORDS);
  const [number, setNumber] = useState("");
  return (
    <form className="row dial" onSubmit={(event) => { event.preventDefault(); line.dial(number.trim()); }}>
      <input type="tel" aria-label={t("number")} placeholder={t("number")} maxLength={64} value={number}
             onChange={(event) => setNumber(event.target.value)} />
      <button disabled={number.trim() === ""}>{t("call")}</button>
    </form>
  );
}
