import { useState, type FormEvent } from "react";
import { Field } from "../base/parts";
import { useWords } from "../base/words";
import type { Chat } from "./chat";
import { WORDS, type ChatWord } from "./words";

const WHY: Readonly<Record<string, ChatWord>> = { full: "no_full", too_often: "no_too_often", closed: "no_closed", away: "no_away" };

/** Before the chat: a name for who wants to give one, and the button. */
export function Begin({ chat, onStart }: { chat: Chat; onStart: (name: string) => void }) {
  const t = useWords(WORDS);
  const [name, setName] = useState(chat.name);
  const starting = chat.phase === "starting";
  function start(event: FormEvent) {
    event.preventDefault();
    if (!starting) onStart(name.trim());
  }
  return (
    <form className="begin stack" onSubmit={start}>
      <h2>{t("hello")}</h2>
      <p className="muted">{t("hello_hint")}</p>
      <Field label={t("name")} hint={t("name_hint")}>
        <input name="name" autoComplete="given-name" maxLength={80} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      {chat.trouble !== "" && <p className="note bad" role="alert">{t(WHY[chat.trouble] ?? "no_other")}</p>}
      <button className="primary big-button" aria-disabled={starting}>{t(starting ? "starting" : "start")}</button>
      <p className="muted small">{starting && chat.link !== "ready" ? t("connecting") : t("kept_here")}</p>
    </form>
  );
}

/** Nobody answers here. */
export function Shut({ why }: { why: "closed" | "foreign" }) {
  const t = useWords(WORDS);
  return (
    <div className="begin stack" role="status">
      <h2>{t(why)}</h2>
      {why === "closed" && <p className="muted">{t("closed_hint")}</p>}
    </div>
  );
}
