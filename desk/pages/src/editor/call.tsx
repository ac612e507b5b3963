import { useEffect, useState } from "react";
import { api } from "../base/api";
import { Empty, ErrorNote, Loading, useAsked } from "../base/parts";
import { titleOf, type Titles } from "../base/titled";
import { useLanguage, useWords } from "../base/words";
import { Devices } from "../phone/devices";
import { Troubles } from "../phone/troubles";
import { usePhone } from "../phone/use_phone";
import { Talk } from "../try/talk";
import "../phone/phone.css";
import "../try/try.css";
import { WORDS } from "./words";

interface Trying {
  lines: { number: string; titles: Titles }[];
}

/** A real call from the page to the lines of this file: to what is published, not to the draft. */
export function CallIt({ lines, hasDraft, onAt }: { lines: readonly string[]; hasDraft: boolean; onAt: (menu: string) => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const { phone, audio, line } = usePhone("try");
  const [settings, setSettings] = useState(false);
  const { value, error, again } = useAsked((signal) => api.get<Trying>("/api/try", {}, signal), []);
  useEffect(() => { line.resume(); }, [line]);
  const at = phone.state === "talking" ? phone.menu?.name ?? "" : "";
  useEffect(() => { onAt(at); }, [at, onAt]);
  useEffect(() => () => onAt(""), [onAt]);
  const offered = value?.lines.filter(({ number }) => lines.includes(number)) ?? [];
  const called = value?.lines.find(({ number }) => number === phone.number);
  const busy = phone.state !== "idle" || phone.resumed;
  return (
    <div className="call-it try">
      <p className="muted small">{t("call_hint")}</p>
      {hasDraft && <p className="note warn">{t("call_published")}</p>}
      <Troubles phone={phone} audio={audio} />
      {busy ? <Talk title={titleOf(called?.titles, language, phone.number)} onSettings={() => setSettings(true)} />
        : value === undefined ? (error === null ? <Loading /> : <ErrorNote error={error} again={again} />)
        : offered.length === 0 ? <Empty>{t("call_none")}</Empty>
        : <div className="row">{offered.map(({ number, titles }) => (
            <button key={number} className="good" onClick={() => line.dial(number)}>{t("call_line", { number, title: titleOf(titles, language, number) })}</button>))}</div>}
      {settings && <Devices kind="try" rings={false} onClose={() => setSettings(false)} />}
    </div>
  );
}
