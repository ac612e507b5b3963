import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { FileMark, FileView } from "../../base/file_view";
import { asFile, sizeIn } from "../../base/files";
import { harmless } from "../../base/harmless";
import { useNames } from "../../base/names";
import { wordsOf } from "../../base/parts";
import { useLanguage, useMoments, useWords } from "../../base/words";
import { noteOf } from "./call_notes";
import { inWords, lastOf, Refused, type Outgoing, type Talk, type Text } from "./talk";
import { WORDS, type ChatWord } from "./words";
import { Written } from "./written";

const NEAR_PX = 60;

/** All that was written, the newest below; what is on its way stands behind it. It follows the end while that is in
 * sight: who reads further up is left there. */
export function Transcript({ call, talk, me, visitor, types, retry, drop }: {
  call: string; talk: Talk; me: string; visitor: string; types: string; retry: (one: Outgoing) => void; drop: (key: string) => void;
}) {
  const t = useWords(WORDS);
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const last = lastOf(talk);
  useLayoutEffect(() => {
    if (follows.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [last, talk.outgoing.length, types]);
  useEffect(() => {           // a phone that is turned round, or whose keyboard opens
    const turned = new ResizeObserver(() => { if (follows.current) box.current!.scrollTop = box.current!.scrollHeight; });
    turned.observe(box.current!);
    turned.observe(box.current!.firstElementChild!);
    return () => turned.disconnect();
  }, []);
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  };
  return (
    <div className="desk-chat-texts" role="region" aria-label={t("transcript")} tabIndex={0} ref={box} onScroll={scrolled}>
      <ol>
        {talk.texts.map((text) => <Line key={text.position} call={call} text={text} me={me} visitor={visitor} />)}
        {talk.outgoing.map((one) => <OnItsWay key={one.key} one={one} retry={retry} drop={drop} />)}
      </ol>
      {types !== "" && <p className="small muted desk-chat-types">{t("types", { who: types })}</p>}
    </div>
  );
}

/** Who it was: the visitor, the hotline, I, or a colleague. */
export function useSender(me: string, visitor: string): (sender: string) => string {
  const t = useWords(WORDS);
  const named = useNames();
  return (sender) => (sender === "caller" ? visitor : sender === "hotline" ? t("hotline") : sender === me ? t("me") : named(sender));
}

export function Line({ call, text, me, visitor }: { call: string; text: Text; me: string; visitor: string }) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const who = useSender(me, visitor)(text.sender);
  const isNote = text.audience === "staff";
  const from = text.sender === "caller" ? "caller" : text.sender === "hotline" ? "hotline" : text.sender === me ? "me" : "colleague";
  return (
    <li className={`desk-chat-line ${from}${isNote ? " note-for-us" : ""}`} data-position={text.position}>
      <p className="small muted desk-chat-who">
        <bdi>{who}</bdi>{isNote && <span className="pill warn">{t("private")}</span>} <time dateTime={text.at}>{moments.time(text.at)}</time>
      </p>
      {text.body === null ? <p className="muted">{t("erased")}</p> : text.body !== "" && (
        text.form === "file" ? <FileLine call={call} body={text.body} /> : text.form === "call" ? <p>{noteOf(text.body, t)}</p> : <p><Written body={text.body} /></p>
      )}
      {text.options.length > 0 && (
        <p className="small muted">{t("could_choose")} {text.options.map(([keys, label], at) => <span key={at} className="desk-chat-option"><kbd>{keys}</kbd> <bdi>{label}</bdi></span>)}</p>
      )}
    </li>
  );
}

function FileLine({ call, body }: { call: string; body: string }) {
  const t = useWords(WORDS);
  const said = asFile(body);
  if (said === null) return <p className="muted">{t("file")}</p>;
  return <FileView said={said} src={`/api/chats/${encodeURIComponent(call)}/files/${said.file}`} />;
}

function FileOnItsWay({ one: { key, file, state }, drop }: { one: Outgoing; drop: (key: string) => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const { name, bytes, part } = file!;
  return (
    <>
      <p className="chat-file"><FileMark /><bdi>{name}</bdi><span className="small chat-file-size">{sizeIn(language, bytes)}</span></p>
      {state === "sending" && (
        <p className="chat-sending">
          <progress max={1} value={part} aria-label={t("file_sending", { name })} />
          <button className="small quiet" onClick={() => drop(key)} aria-label={t("file_stop", { name })}>✕</button>
        </p>
      )}
    </>
  );
}

const REFUSED: Record<string, ChatWord> = { over: "refused_over", too_long: "refused_long", too_many: "refused_many", not_kept: "refused_kept", listens: "refused_listens" };

function OnItsWay({ one, retry, drop }: { one: Outgoing; retry: (one: Outgoing) => void; drop: (key: string) => void }) {
  const t = useWords(WORDS);
  const failed = one.state === "failed";
  return (
    <li className={`desk-chat-line me ${one.state}${one.private ? " note-for-us" : ""}`} data-key={one.key}>
      <p className="small muted desk-chat-who">{t("me")}{one.private && <span className="pill warn">{t("private")}</span>} <span>{t(failed ? "failed" : "sending")}</span></p>
      {one.file !== undefined ? <FileOnItsWay one={one} drop={drop} /> : <p><Written body={one.body} /></p>}
      {failed && (
        <div className="row" role="alert">
          <span className="small">{one.error instanceof Refused ? t(REFUSED[one.error.reason] ?? "refused") : one.error === null ? t("too_late") : wordsOf(one.error, t("too_late"))}</span>
          <button className="small" onClick={() => retry(one)}>{t("retry")}</button>
          <button className="small quiet" onClick={() => drop(one.key)}>{t("drop")}</button>
        </div>
      )}
    </li>
  );
}

/** What a screen reader says of what comes: in passing, and of what others wrote alone. As a chat is opened, its last
 * word, if the visitor has it. */
export function SaysNew({ talk, me, visitor }: { talk: Talk; me: string; visitor: string }) {
  const t = useWords(WORDS);
  const sender = useSender(me, visitor);
  const [said, setSaid] = useState("");
  const before = useRef<number | null>(null);
  const last = talk.texts.at(-1);
  useEffect(() => {
    if (talk.seen === null) return;
    const { current } = before;
    const news = current !== null ? talk.texts.filter(({ position, sender: by }) => position > current && by !== me)
      : last?.sender === "caller" ? [last] : [];
    before.current = lastOf(talk);
    if (news.length > 0) setSaid(news.map((text) => t("says_message", { who: sender(text.sender), text: text.form === "file" ? `${t("file")} ${inWords(text)}` : text.form === "call" ? noteOf(text.body ?? "", t) : harmless(inWords(text)) })).join(" "));
    // said once for each that is new
  }, [last?.position, talk.seen === null]);
  return <p className="hidden" role="status" aria-live="polite">{said}</p>;
}
