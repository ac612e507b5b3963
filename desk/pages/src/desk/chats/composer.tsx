import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { dropping } from "../../base/dropping";
import { Clip } from "../../base/file_view";
import { ACCEPTED, filesOf } from "../../base/files";
import { useLanguage, useWords } from "../../base/words";
import { titleOf } from "../titles";
import type { Topics } from "../types";
import { wanted } from "./talk";
import { WORDS } from "./words";

const LONGEST = 4096;

/** What is typed into each chat stays with it, on whatever chat the screen is; a reload keeps it too. */
const nameOf = (call: string) => `hotline.chat.${call}`;

/** The field to write in: Enter sends, Shift+Enter begins a line, "/" finds a canned answer. `notesAlone`: whatever is written is for us.
 * `takesFiles`: the visitor can be sent some; a note may have one in any chat. */
export function Composer({ call, visitor, notesAlone, takesFiles, language, topics, focus, onSend, onFiles, onTyping }: {
  call: string; visitor: string; notesAlone: boolean; takesFiles: boolean; language: string; topics: Topics | undefined; focus: { call: string };
  onSend: (body: string, isPrivate: boolean) => void; onFiles: (files: readonly File[], isPrivate: boolean) => void; onTyping: () => void;
}) {
  const t = useWords(WORDS);
  const shown = useLanguage();
  const [typed, setTyped] = useState(() => read(call));
  const [chosenPrivate, setPrivate] = useState(false);
  const isPrivate = notesAlone || chosenPrivate;
  const [at, setAt] = useState(0);
  const [tried, setTried] = useState(false);          // to send a file that the visitor can't get
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const list = useId();
  const whyNot = useId();
  const canned = Object.entries(topics?.notes ?? {}).map(([name, titles]) => titles[language] ?? titleOf(titles, shown, name));
  const found = canned.length === 0 ? null : wanted(typed, canned);
  const chosen = found === null ? undefined : found[Math.min(at, found.length - 1)];
  useEffect(() => { if (focus.call === call) field.current?.focus(); }, [focus, call]);

  function put(text: string) {
    setTyped(text);
    setAt(0);
    keep(call, text);
  }
  function send() {
    const body = typed.trim();
    if (body === "") return;
    onSend(body, isPrivate);
    put("");
  }
  function keyed(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (found !== null && found.length > 0 && step !== undefined) setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    else if (found !== null && event.key === "Escape") put("");
    else if (chosen !== undefined && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey) put(chosen);
    else if (event.key === "Enter" && !event.shiftKey) send();
    else return;
    event.preventDefault();
  }
  const mayAttach = takesFiles || isPrivate;
  const attach = (files: readonly File[]) => {
    if (mayAttach) onFiles(files, isPrivate);
    setTried(!mayAttach);
    field.current?.focus();
  };
  const choose = (text: string) => { put(text); field.current?.focus(); };

  return (
    <form className={`stack desk-chat-compose${isPrivate ? " note-for-us" : ""}`} onSubmit={(event) => { event.preventDefault(); send(); field.current?.focus(); }} {...dropping(mayAttach, attach)}>
      {found !== null && (
        <ul id={list} role="listbox" aria-label={t("canned")} className="desk-targets">
          {found.map((text, number) => (
            <li key={text} id={`${list}-${number}`} role="option" aria-selected={text === chosen} onClick={() => choose(text)}>{text}</li>
          ))}
        </ul>
      )}
      <input ref={picker} type="file" name="files" hidden multiple accept={ACCEPTED} onChange={({ currentTarget }) => {
        const files = [...(currentTarget.files ?? [])];
        currentTarget.value = "";           // the same one may be chosen again
        if (files.length > 0) attach(files);
      }} />
      <textarea ref={field} name="message" onPaste={(event) => {
        const files = filesOf(event.clipboardData);
        if (files.length === 0) return;
        event.preventDefault();
        attach(files);
      }} rows={2} maxLength={LONGEST} value={typed} onKeyDown={keyed}
                aria-label={t(isPrivate ? "private_message" : "message", { who: visitor })} placeholder={t("compose_hint")}
                aria-autocomplete="list" aria-controls={found !== null ? list : undefined}
                aria-activedescendant={found !== null && chosen !== undefined ? `${list}-${found.indexOf(chosen)}` : undefined}
                onChange={(event) => { put(event.target.value); if (!isPrivate && event.target.value.trim() !== "") onTyping(); }} />
      <div className="row">
        <button className="primary" disabled={typed.trim() === ""}>{t(isPrivate ? "keep_note" : "send")} <kbd>Enter</kbd></button>
        {!notesAlone && <label className="tick"><input type="checkbox" name="private" checked={isPrivate} onChange={(event) => { setPrivate(event.target.checked); field.current?.focus(); }} />{t("private_switch")}</label>}
        <span className="grow" />
        <button type="button" className="quiet small" aria-label={t("attach")} title={t(mayAttach ? "attach" : "attach_not")} aria-disabled={!mayAttach} aria-describedby={mayAttach ? undefined : whyNot}
                onClick={() => { if (mayAttach) picker.current?.click(); else attach([]); }}><Clip /></button>
        {canned.length > 0 && <button type="button" className="quiet small" onClick={() => choose("/")}>{t("canned_button")}</button>}
      </div>
      {!mayAttach && <p className={tried ? "note" : "hidden"} id={whyNot} role={tried ? "alert" : undefined}>{t("attach_not")}</p>}
    </form>
  );
}

function read(call: string): string {
  try {
    return sessionStorage.getItem(nameOf(call)) ?? "";
  } catch {
    return "";
  }
}

function keep(call: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(nameOf(call));
    else sessionStorage.setItem(nameOf(call), text);
  } catch {
    // it is kept as long as the field is
  }
}
