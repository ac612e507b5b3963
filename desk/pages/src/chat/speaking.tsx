import { useEffect, useRef } from "react";
import { Clock } from "../base/parts";
import { useWords } from "../base/words";
import { Mute } from "../phone/mute";
import "../phone/phone.css";
import { Troubles } from "../phone/troubles";
import { usePhone } from "../phone/use_phone";
import { WORDS as PHONE } from "../phone/words";
import { WORDS } from "./words";

/** The phone in the visitor's page, for one call: it begins as soon as there is a code for it, or is gone on with. */
export default function Speaking({ code, onOver }: { code: string; onOver: () => void }) {
  const t = useWords(WORDS);
  const phones = useWords(PHONE);
  const { phone, audio, line } = usePhone("chat");
  const dialled = useRef("");
  useEffect(() => { if (code === "" && !line.resume() && phone.state === "idle") dialled.current = ""; }, []);
  useEffect(() => {
    if (code === "" || code === dialled.current) return;
    dialled.current = code;
    line.dial(code);
  }, [code, line]);
  const isOver = phone.state === "idle" && !phone.resumed && phone.ended !== null;
  const began = useRef(false);
  if (!isOver) began.current = true;
  useEffect(() => { if (isOver && began.current) onOver(); }, [isOver]);
  const isUp = phone.state === "talking" || phone.state === "held";
  return (
    <section className="speaking" aria-label={phones("call")} data-state={phone.state}>
      <div className="row">
        {phone.answeredAt > 0 && <Clock seconds={0} at={phone.answeredAt} />}
        <span className="grow" />
        {isUp && <Mute phone={phone} audio={audio} line={line} />}
        <button className="bad" onClick={() => { line.hangUp(); if (phone.state === "idle") onOver(); }}>{phones("hang_up")}</button>
      </div>
      <Troubles phone={phone} audio={audio} />
      {phone.fault?.code === "no_code" && <p className="note bad" role="alert">{t("call_no_code")}</p>}
    </section>
  );
}
