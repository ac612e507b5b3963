import { useCallback, useEffect, useState } from "react";
import { api } from "../base/api";
import { ErrorNote, Loading, useAsked } from "../base/parts";
import { Preferences } from "../base/preferences";
import { Link } from "../base/router";
import { useSession } from "../base/session";
import { titleOf, type Titles } from "../base/titled";
import { useLanguage, useWords } from "../base/words";
import { Devices } from "../phone/devices";
import "../phone/phone.css";
import { Troubles } from "../phone/troubles";
import { usePhone } from "../phone/use_phone";
import { WORDS as PHONE } from "../phone/words";
import { Begin, Ended } from "./begin";
import { Talk } from "./talk";
import "./try.css";
import { WORDS } from "./words";

export interface TryLine {
  number: string;
  titles: Titles;
  languages: string[];
}

export interface Tried {
  /** Whether strangers may call from this page. */
  on: boolean;
  lines: TryLine[];
}

/** A phone in the page for anybody: call the hotline as a customer would, and read along. */
export default function Try() {
  const phones = useWords(PHONE);
  const language = useLanguage();
  const { phone, audio, line } = usePhone("try");
  const { value, error, again } = useAsked((signal) => api.get<Tried>("/api/try", {}, signal), []);
  const [number, setNumber] = useState("");
  const [settings, setSettings] = useState(false);
  const [chooses, setChooses] = useState(false);
  useEffect(() => { line.resume(); }, [line]);
  const call = useCallback((chosen: string) => {
    setChooses(false);
    line.dial(chosen);
  }, [line]);

  const busy = phone.state !== "idle" || phone.resumed;
  const chosen = value?.lines.find((one) => one.number === number) ?? value?.lines[0];
  const called = value?.lines.find((one) => one.number === phone.number);
  const named = titleOf(called?.titles, language, "");
  return (
    <div className="try">
      <header className="spread">
        <Link className="brand" to="/"><img src="/icon.svg" alt="" width="26" height="26" />Hotline</Link>
        <span className="row">
          <Preferences />
          <LogIn />
        </span>
      </header>
      <main className={busy ? "talk" : undefined}>
        <Troubles phone={phone} audio={audio} />
        {busy ? <Talk title={named} onSettings={() => setSettings(true)} />
          : phone.ended !== null && !chooses
          ? <Ended onAgain={() => call(phone.number || chosen?.number || "")} onOther={() => setChooses(true)}
                   several={(value?.lines.length ?? 0) > 1} />
          : value === undefined ? (error === null ? <Loading /> : <ErrorNote error={error} again={again} />)
          : <Begin tried={value} chosen={chosen} onChoose={setNumber} onCall={call} onSettings={() => setSettings(true)} />}
      </main>
      {settings && <Devices kind="try" rings={false} onClose={() => setSettings(false)} />}
      <p className="hidden" role="status">{phone.state === "idle" ? "" : phones(phone.state, { who: named || phone.number })}</p>
    </div>
  );
}

function LogIn() {
  const t = useWords(WORDS);
  const { who, known } = useSession();
  return known && who === null ? <Link to="/login" className="small">{t("log_in")}</Link> : null;
}
