import { useEffect, useId, useRef, useState, type ClipboardEvent, type FormEvent, type KeyboardEvent } from "react";
import { Clip } from "../base/file_view";
import { ACCEPTED, filesOf } from "../base/files";
import { useWords } from "../base/words";
import { outgoing } from "./texts";
import { LONGEST } from "./wire";
import { WORDS } from "./words";

interface Writes {
  /** Whether what is typed now may be seen by nobody. */
  secret: boolean;
  /** Whether files can be sent. */
  takesFiles: boolean;
  onSay: (text: string) => void;
  onFiles: (files: readonly File[]) => void;
  onTyping: () => void;
}

/** Where the visitor writes. */
export function Write({ secret, takesFiles, onSay, onFiles, onTyping }: Writes) {
  const t = useWords(WORDS);
  const hint = useId();
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const before = useRef(secret);
  useEffect(() => {
    if (before.current === secret) return;
    before.current = secret;
    setText("");                // neither a half typed PIN in a field that shows it, nor a sentence in one that hides it
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [secret]);
  useEffect(() => {           // the button that began the chat is gone: who pressed it by the keyboard goes on here
    if (document.hasFocus() && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  const much = text.length - LONGEST;
  const ready = outgoing(text, LONGEST) !== "" && much <= 0;

  function send(event?: FormEvent) {
    event?.preventDefault();
    if (!ready) return;
    onSay(outgoing(text, LONGEST));
    setText("");
    field.current?.focus();
  }
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }
  function change(typed: string) {
    setText(typed);
    if (typed !== "") onTyping();
  }
  function paste(event: ClipboardEvent) {
    const files = takesFiles ? filesOf(event.clipboardData) : [];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  }
  return (
    <form className={takesFiles && !secret ? "write files" : "write"} onSubmit={send} autoComplete="off">
      {takesFiles && !secret && <Attach onFiles={(files) => { onFiles(files); field.current?.focus(); }} />}
      {secret ? (
        <input ref={field} type="password" name="secret" autoComplete="off" aria-label={t("secret")} placeholder={t("secret")} maxLength={LONGEST}
               value={text} onChange={(event) => change(event.target.value)} />
      ) : (
        <textarea ref={field} name="message" rows={1} dir="auto" aria-label={t("write")} placeholder={t("write")} aria-describedby={hint}
                  aria-invalid={much > 0} enterKeyHint="send" value={text} onChange={(event) => change(event.target.value)} onKeyDown={onKey} onPaste={paste} />
      )}
      <button className="primary" aria-label={t("send")} title={t("send")} disabled={!ready}><Arrow /></button>
      <p className={much > 0 ? "much" : "hidden"} id={hint} role={much > 0 ? "alert" : undefined}>{much > 0 ? t("too_long", { n: much }) : t("write_hint")}</p>
    </form>
  );
}

function Attach({ onFiles }: Pick<Writes, "onFiles">) {
  const t = useWords(WORDS);
  const chosen = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={chosen} type="file" name="files" hidden multiple accept={ACCEPTED} onChange={({ currentTarget }) => {
        const files = [...(currentTarget.files ?? [])];
        currentTarget.value = "";           // the same one may be chosen again
        if (files.length > 0) onFiles(files);
      }} />
      <button type="button" className="quiet attach" aria-label={t("attach")} title={t("attach")} onClick={() => chosen.current?.click()}><Clip /></button>
    </>
  );
}

function Arrow() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
      <path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" />
    </svg>
  );
}
