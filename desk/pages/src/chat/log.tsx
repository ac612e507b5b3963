import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { sizeIn } from "../base/files";
import { harmless } from "../base/harmless";
import { useLanguage, useMoments, useWords } from "../base/words";
import { offering, type Chat } from "./chat";
import { FileBody, FileOnItsWay } from "./files";
import { dayOf, isSameDay, isSameTurn, type Day } from "./days";
import { noteOf } from "./notes";
import type { Own } from "./own";
import { linked } from "./texts";
import type { Uploads } from "./uploads";
import type { From, Message } from "./wire";
import { WORDS, type ChatWord } from "./words";

const NEAR = 60;        // px from the end at which one still reads along
const WHY: Readonly<Record<string, ChatWord>> = {
  too_many: "why_too_many", too_long: "why_too_long", too_large: "why_too_large", empty: "why_empty", file_kind: "why_file_kind", file_broken: "why_file_broken",
  files_full: "why_files_full", no_space: "why_no_space", busy: "why_busy", too_often: "why_too_many", broken_off: "why_broken_off", no_file: "why_no_file", lost: "why_no_file", no_chat: "why_over", bad_message: "why_too_long", not_kept: "why_not_kept", over: "why_over",
};

/** What is not better the second time. */
const LOST = new Set(["over", "no_chat", "too_long", "bad_message", "too_large", "empty", "file_kind", "file_broken", "files_full", "lost"]);

interface Acts {
  onOption: (keys: string, label: string) => void;
  onAgain: (key: string) => void;
  onDrop: (key: string) => void;
}

/** All that was said, the newest at the end; it stays in sight as long as one reads along. */
export function Log({ chat, files, onOption, onAgain, onDrop }: { chat: Chat; files: Uploads } & Acts) {
  const t = useWords(WORDS);
  const { list, below, toEnd, onScroll } = useEnd(chat.messages.length + chat.own.length, chat.own.length);
  const offered = offering(chat);
  const lastMine = chat.own.length === 0 ? chat.messages.filter(({ from }) => from === "me").at(-1) : undefined;
  function press(keys: string, label: string) {
    onOption(keys, label);
    // The buttons go: whoever came by the keyboard goes on where one types; a telephone would open its keys for that
    if (matchMedia("(pointer: fine)").matches) document.querySelector<HTMLElement>(".chat .write :is(textarea, input)")?.focus();
    else list.current?.focus({ preventScroll: true });
  }
  return (
    <div className="past">
      <div className="log" role="log" aria-live="polite" aria-label={t("log")} aria-busy={chat.link !== "ready"} tabIndex={0} ref={list} onScroll={onScroll}>
        {chat.messages.map((message, at) => (
          <One key={message.position} message={message} before={chat.messages[at - 1]} files={files} isLastMine={message === lastMine} />
        ))}
        {chat.own.map((own) => <Sending key={own.key} own={own} most={chat.fileBytes} onAgain={onAgain} onDrop={onDrop} />)}
        {offered !== undefined && (
          <div className="options" role="group" aria-label={t("options")}>
            {offered.options.map(([keys, label]) => (
              <button key={keys} onClick={() => press(keys, label)}><bdi>{harmless(label)}</bdi></button>
            ))}
          </div>
        )}
      </div>
      {below && <button className="below small" onClick={toEnd}>↓ {t("new_below")}</button>}
    </div>
  );
}

function One({ message, before, files, isLastMine }: { message: Message; before: Message | undefined; files: Uploads; isLastMine: boolean }) {
  const t = useWords(WORDS);
  const { time, both } = useMinutes();
  const day = isSameDay(before?.at, message.at) ? null : dayOf(message.at, new Date());
  const isNew = day !== null || !isSameTurn(before, message);
  return (
    <>
      {day !== null && <p className="day"><DayName day={day} at={message.at} /></p>}
      {message.form === "call" ? <p className="day">{noteOf(message.body, t)}</p> : hasWords(message) && <div className={`said ${message.from}`}>
        <Who from={message.from} name={message.name} shown={isNew} />
        <div className="bubble">
          {message.form === "file" ? <FileBody body={message.body} files={files} /> : message.label !== "" ? <p className="body"><bdi>{harmless(message.label)}</bdi></p> : <Body text={message.body} from={message.from} />}
          {message.at !== "" && <time dateTime={message.at} title={both(message.at)}>{time(message.at)}</time>}
        </div>
        {isLastMine && <span className="fate">{t("sent")}</span>}
      </div>}
    </>
  );
}

/** What a menu asks by a sound alone has buttons, and nothing to read. */
function hasWords({ body, options }: Message): boolean {
  return options.length === 0 || harmless(body).trim() !== "";
}

function Sending({ own, most, onAgain, onDrop }: { own: Own; most: number } & Pick<Acts, "onAgain" | "onDrop">) {
  const t = useWords(WORDS);
  const { time } = useMinutes();
  const language = useLanguage();
  const isLost = LOST.has(own.reason);
  return (
    <div className={`said me ${own.state}`}>
      <Who from="me" name="" shown={false} />
      <div className="bubble">
        {own.file !== undefined ? <FileOnItsWay own={own} onDrop={onDrop} /> : <p className="body" dir="auto">{own.secret ? "••••" : harmless(own.label || own.body)}</p>}
        <time dateTime={own.at}>{time(own.at)}</time>
      </div>
      {own.state === "sending" ? <span className="fate">{t("sending")}</span> : (
        <span className="fate bad" role="alert">
          {t("not_sent")}: {t(WHY[own.reason] ?? "why_other", { size: sizeIn(language, most) })}{" "}
          {!isLost && <button className="quiet small" onClick={() => onAgain(own.key)}>{t("again")}</button>}
          <button className="quiet small" onClick={() => onDrop(own.key)}>{t("drop")}</button>
        </span>
      )}
    </div>
  );
}

/** Said to those who hear the page in any case; shown where somebody else begins. */
function Who({ from, name, shown }: { from: From; name: string; shown: boolean }) {
  const t = useWords(WORDS);
  const called = from === "operator" && harmless(name).trim() !== "" ? harmless(name) : t(from);
  return <p className={shown && from !== "me" ? "who" : "hidden"}><bdi>{called}</bdi><span className="hidden">:</span></p>;
}

/** Text as text. Only what our own people write has links: a visitor's would be bait for whoever reads the page later. */
function Body({ text, from }: { text: string; from: From }) {
  const t = useWords(WORDS);
  const shown = harmless(text);
  const pieces = from === "me" ? [{ text: shown, href: "" }] : linked(shown);
  return (
    <p className="body" dir="auto">
      {pieces.map((piece, at) => piece.href === "" ? piece.text : (
        <a key={at} href={piece.href} dir="ltr" target="_blank" rel="noopener noreferrer nofollow">{piece.text}<span className="hidden"> ({t("link_hint")})</span></a>
      ))}
    </p>
  );
}

function DayName({ day, at }: { day: Day; at: string }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  if (day !== "earlier") return t(day);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" }).format(new Date(at));
}

function useMinutes() {
  const language = useLanguage();
  const { both } = useMoments();
  return { both, time: (iso: string) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso)) };
}

/** Keeps the end in sight; `below`: there is something new, and one reads further up. */
function useEnd(count: number, own: number) {
  const list = useRef<HTMLDivElement>(null);
  const reads = useRef(true);
  const [below, setBelow] = useState(false);
  const toEnd = () => {
    if (list.current !== null) list.current.scrollTop = list.current.scrollHeight;
    setBelow(false);
  };
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = list.current!;
    reads.current = scrollHeight - scrollTop - clientHeight < NEAR;
    if (reads.current) setBelow(false);
  };
  useLayoutEffect(() => {
    if (reads.current || own > 0) toEnd();
    else setBelow(true);
  }, [count, own]);
  useEffect(() => {
    const watched = new ResizeObserver(() => { if (reads.current) toEnd(); });
    watched.observe(list.current!);
    return () => watched.disconnect();
  }, []);
  return { list, below, toEnd, onScroll };
}
