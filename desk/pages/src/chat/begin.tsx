import { useState, type FormEvent } from "react";
import { Field } from "../base/parts";
import { useWords } from "../base/words";
import type { Chat } from "./chat";
import { WORDS, type ChatWord } from "./words";

const WHY: Readonly<Record<string, ChatWord>> = { full: "no_full", too_often: "no_too_often", closed: "no_closed", away: "no_away", no_invite: "no_invite" };

/** Before the chat: a name for who wants to give one, and the button. */
export function Begin({ chat, onStart }: { chat: Chat; onStart: (name: string, invite: string) => void }) {
  const t = useWords(WORDS);
  const [name, setName] = useState(chat.name);
  const [invite, setInvite] = useState("");
  const [invited, setInvited] = useState(false);
  const starting = chat.phase === "starting";
  function start(event: FormEvent) {
    event.preventDefault();
    if (!starting) onStart(name.trim(), invited ? invite.trim() : "");
  }
  return (
    <form className="begin stack" onSubmit={start}>
      <h2>{t("hello")}</h2>
      <p className="muted">{t("hello_hint")}</p>
      <Field label={t("name")} hint={t("name_hint")}>
        <input name="name" autoComplete="given-name" maxLength={80} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      {invited ? (
        <Field label={t("invite")} hint={t("invite_hint")}>
          <input name="invite" autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={12} dir="ltr" value={invite} autoFocus onChange={(event) => setInvite(event.target.value)} />
        </Field>
      ) : <button type="button" className="quiet small" onClick={() => setInvited(true)}>{t("have_invite")}</button>}
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
