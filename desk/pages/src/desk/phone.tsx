import { useCallback, useEffect, useState } from "react";
import { Dialog } from "../base/parts";
import { useWords } from "../base/words";
import { Devices } from "../phone/devices";
import { Keypad } from "../phone/keypad";
import { PhoneMeters } from "../phone/meters";
import { microphoneOf } from "../phone/microphone";
import "../phone/phone.css";
import { Troubles } from "../phone/troubles";
import { usePhone, type UsedPhone } from "../phone/use_phone";
import { WORDS as PHONE } from "../phone/words";
import type { MyDesk } from "./types";
import { WORDS } from "./words";

/** What the desk needs of the phone in this page. Where there is none, the operator's SIP phone rings and talks. */
export interface DeskPhone {
  used: UsedPhone;
  /** Calls ring in this page. */
  open: boolean;
  /** The call that rings or is talked in here. */
  call: string | null;
  rings: boolean;
  held: boolean;
  keypad: boolean;
  answer: () => void;
  refuse: () => void;
  toggleHold: () => void;
  toggleMute: () => void;
  toggleKeypad: () => void;
  /** null while no call can be made from here. */
  dial: ((number: string) => void) | null;
}

export function useDeskPhone(): DeskPhone {
  const used = usePhone("desk");
  const { phone, audio, line, elsewhere } = used;
  const [keypad, setKeypad] = useState(false);
  const { here } = audio.chosen;
  const open = here && !elsewhere && phone.connection === "open";
  const isUp = phone.state === "talking" || phone.state === "held";
  useEffect(() => { if (here) line.start(); }, [here, line]);
  useEffect(() => { if (!isUp) setKeypad(false); }, [isUp]);
  const dial = useCallback((number: string) => line.dial(number), [line]);
  return {
    used, open, call: phone.call, rings: phone.state === "ringing", held: phone.state === "held",
    keypad: keypad && isUp,
    answer: () => { if (phone.state === "ringing") line.answer(); },
    refuse: () => { if (phone.state === "ringing") line.hangUp(); },
    toggleHold: () => { if (isUp) line.hold(phone.state !== "held"); },
    toggleMute: () => {
      if (isUp && microphoneOf(audio) === "works") line.mute(!phone.muted);
      else if (isUp) void line.listen();
    },
    toggleKeypad: () => setKeypad((shown) => isUp && !shown),
    dial: open && phone.state === "idle" ? dial : null,
  };
}

/** How I can be reached: by the phone in this page, by another tab's, by my SIP phone, or not at all. */
export function PhonePanel({ desk, phone }: { desk: MyDesk; phone: DeskPhone }) {
  const t = useWords(WORDS);
  const p = useWords(PHONE);
  const [settings, setSettings] = useState(false);
  const { used } = phone;
  const busy = used.phone.state !== "idle";
  return (
    <section className="card stack desk-phone" aria-label={t("my_phone")}>
      <div className="spread">
        <h2>{t("my_phone")}</h2>
        <span className={`pill ${desk.operator.reachable ? "good" : "bad"}`} role="status">{t(desk.operator.reachable ? "registered" : "no_phone")}</span>
      </div>
      <Troubles phone={used.phone} audio={used.audio} />
      {used.phone.fault !== null && <p className="note bad" role="alert">{used.phone.fault.message}</p>}
      {busy && used.phone.answeredAt > 0 && <PhoneMeters kind="desk" lost={used.phone.figures.lost} />}
      {!busy && <Where phone={phone} reachable={desk.operator.reachable} />}
      {phone.dial !== null && <Dial dial={phone.dial} />}
      <div className="row">
        {used.audio.chosen.here && <button className="quiet small" onClick={() => setSettings(true)}>{p("settings")}</button>}
        {used.audio.chosen.here && !busy && (
          <button className="quiet small" onClick={() => { void used.line.choose({ here: false }); used.line.stop(); }}>{p("switch_off")}</button>
        )}
      </div>
      {settings && <Devices kind="desk" rings onClose={() => setSettings(false)} />}
      {phone.keypad && <Dialog title={p("keypad")} onClose={phone.toggleKeypad}><Keypad onKey={(key) => used.line.key(key)} /></Dialog>}
    </section>
  );
}

/** Whether calls ring in this page, and how they could. */
function Where({ phone, reachable }: { phone: DeskPhone; reachable: boolean }) {
  const t = useWords(WORDS);
  const p = useWords(PHONE);
  const { used } = phone;
  if (used.elsewhere)
    return <><p className="small muted">{p("elsewhere")}</p><button onClick={() => used.line.take()}>{p("take")}</button></>;
  if (!used.audio.chosen.here) {
    const open = () => { void used.line.choose({ here: true }); void used.line.wake(); };
    return (
      <>
        <p className="small muted">{t(reachable ? "rings_on_sip" : "rings_nowhere")}</p>
        <button className={reachable ? "" : "primary"} onClick={open}>{p("switch_on")}</button>
      </>
    );
  }
  if (used.phone.connection === "refused") return <button onClick={() => used.line.take()}>{p("again")}</button>;
  return <p className="small muted">{phone.open ? t("rings_here") : p("connecting")}</p>;
}

function Dial({ dial }: { dial: (number: string) => void }) {
  const p = useWords(PHONE);
  const [number, setNumber] = useState("");
  return (
    <form className="desk-dial" onSubmit={(event) => { event.preventDefault(); if (number.trim() !== "") { dial(number.trim()); setNumber(""); } }}>
      <input type="text" inputMode="tel" aria-label={p("dial")} placeholder={p("number")} maxLength={64} value={number}
             onChange={(event) => setNumber(event.target.value)} />
      <button disabled={number.trim() === ""}>{p("call")}</button>
    </form>
  );
}
