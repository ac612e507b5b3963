import { Suspense, lazy, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { AreaProps } from "../areas";
import { WORDS as BASE } from "../base/base_words";
import { dropping } from "../base/dropping";
import { Dialog } from "../base/parts";
import { isLanguageChosen, setLanguage, speakIn, useLanguage, useWords, type Language } from "../base/words";
import { Begin, Shut } from "./begin";
import { spoken, type Chat } from "./chat";
import "./chat.css";
import { ChatClient } from "./client";
import { asColour, readableOn } from "./colours";
import { around, hearAround, tellAround } from "./frame";
import { canKeep } from "./kept";
import { keptToken } from "../phone/kept";
import { CallMe, VoiceLine } from "./call_me";
import { Log } from "./log";
import { goesOn } from "./voice";
import { WORDS } from "./words";
import { Write } from "./write";

const Speaking = lazy(() => import("./speaking"));

/** Where visitors write to the hotline: by itself, or in a frame of another page. */
export default function ChatPage({ params }: AreaProps) {
  const t = useWords(WORDS);
  const closing = useWords(BASE);
  const [client] = useState(() => new ChatClient());
  const chat = useSyncExternalStore(client.subscribe, client.now);
  const [sure, setSure] = useState(false);
  const [asks, setAsks] = useState(false);
  const [speaks, setSpeaks] = useState(() => keptToken("chat") !== null);     // a call that goes on after a reload
  const origin = useMemo(() => around(params, window === parent), [params]);
  useEffect(() => client.begin(), [client]);
  const byHand = useMenuLanguage(spoken(chat), params.get("language"));
  useUnread(chat, origin, client);
  useEffect(() => { if (chat.phase !== "going") { setSure(false); setAsks(false); } }, [chat.phase]);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => { if (event.key === "Escape" && !event.defaultPrevented && document.querySelector("dialog[open]") === null) tellAround(origin, { hotline: "close" }); };
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [origin]);

  const takes = chat.phase === "going" && chat.fileBytes > 0 && !chat.secret;
  const house = asColour(params.get("colour"));
  const inChat = chat.phase === "going" || chat.phase === "over";
  const shut = chat.link === "closed" ? "closed" : chat.link === "foreign" ? "foreign" : null;
  return (
    <div className={origin === "" ? "chat" : "chat framed"} ref={(element) => paint(element, house)} {...dropping(takes, (files) => client.attach(files))}>
      <header>
        <h1>{t("title")}</h1>
        <LanguageSwitch onChosen={byHand} />
        {chat.phase === "going" && chat.calls.length > 0 && !goesOn(chat.voice) && !speaks && (
          <button className="small call-button" aria-label={t("call_me")} title={t("call_me")} onClick={() => setAsks(true)} disabled={chat.link !== "ready"}><span aria-hidden="true">☎</span> <span className="words">{t("call_me")}</span></button>
        )}
        {chat.phase === "going" && <button className="quiet small" aria-label={t("leave")} title={t("leave")} onClick={() => setSure(true)}>{t("leave_short")}</button>}
        {origin !== "" && <button className="quiet small" aria-label={closing("close")} onClick={() => tellAround(origin, { hotline: "close" })}>✕</button>}
      </header>
      <main>
        {speaks && <Suspense><Speaking code={chat.voice.code} onOver={() => setSpeaks(false)} /></Suspense>}
        {shut !== null ? <Shut why={shut} /> : inChat ? (
          <>
            <Log chat={chat} files={client.files} onOption={(keys, label) => client.say(keys, label)} onAgain={(key) => client.again(key)} onDrop={(key) => client.drop(key)} />
            <VoiceLine voice={chat.voice} />
            <State chat={chat} />
            {chat.phase === "going" ? <Write key={chat.call} secret={chat.secret} takesFiles={chat.fileBytes > 0} onSay={(text) => client.say(text)} onFiles={(files) => client.attach(files)} onTyping={() => client.typing()} />
              : <Over onAnew={() => client.anew()} />}
          </>
        ) : <Begin chat={chat} onStart={(name, invite) => client.start(name, invite)} />}
      </main>
      {asks && (
        <CallMe chat={chat} framed={origin !== ""} onAsk={(number) => client.callMe(number)} onClose={() => setAsks(false)}
                onHere={() => { setAsks(false); setSpeaks(true); client.callMe(null); }} />
      )}
      {sure && (
        <Dialog title={t("leave_sure")} onClose={() => setSure(false)}>
          <p>{t("leave_hint")}</p>
          <div className="row">
            <button className="primary" onClick={() => setSure(false)}>{t("stay")}</button>
            <button className="bad" onClick={() => { setSure(false); client.leave(); }}>{t("leave")}</button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

/** One line that is always there, so that nothing jumps: the connection, or who is writing. */
function State({ chat }: { chat: Chat }) {
  const t = useWords(WORDS);
  const away = chat.phase === "going" && chat.link !== "ready";
  const writes = chat.typing !== null && chat.phase === "going" ? t("writes", { name: chat.typing.name || t("operator") }) : "";
  const text = !away ? writes : t(chat.tries > 0 ? "reconnecting" : "connecting");
  return <p className={away ? "state away" : "state"} role="status"><bdi>{text}</bdi></p>;
}

function Over({ onAnew }: { onAnew: () => void }) {
  const t = useWords(WORDS);
  return (
    <div className="over" role="status">
      <span>{t("over")}</span>
      <button className="primary" onClick={onAnew}>{t("anew")}</button>
    </div>
  );
}

function LanguageSwitch({ onChosen }: { onChosen: () => void }) {
  const language = useLanguage();
  const other: Language = language === "ru" ? "en" : "ru";
  function change() {
    onChosen();
    setLanguage(other);
  }
  return <button className="quiet small" lang={other} onClick={change}>{other === "ru" ? "Русский" : "English"}</button>;
}

/** The page speaks as the menu does, until somebody chooses by hand. */
function useMenuLanguage(menu: string, wanted: string | null): () => void {
  const chosen = useRef(false);
  useEffect(() => {
    if (!isLanguageChosen() && (wanted === "ru" || wanted === "en")) speakIn(wanted);
  }, [wanted]);
  useEffect(() => {
    if (!chosen.current && (menu === "ru" || menu === "en")) speakIn(menu);
  }, [menu]);
  return () => { chosen.current = true; };
}

/** What came while nobody looked: in the title, and told to the page around. */
function useUnread(chat: Chat, origin: string, client: ChatClient): void {
  const t = useWords(WORDS);
  const [shown, setShown] = useState(origin === "");
  const [visible, setVisible] = useState(!document.hidden);
  const seen = useRef(chat.messages.at(-1)?.position ?? -1);     // what this browser kept was read
  const looks = shown && visible;
  const last = chat.messages.at(-1)?.position ?? -1;
  const call = useRef(chat.call);
  if (looks) seen.current = last;
  else if (call.current !== "" && call.current !== chat.call) seen.current = -1;
  call.current = chat.call;
  const unread = chat.messages.filter(({ position, from }) => position > seen.current && from !== "me").length;
  useEffect(() => {
    const look = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", look);
    const stop = origin === "" ? () => undefined : hearAround(origin, (isShown, token, read) => {
      setShown(isShown);
      if (canKeep()) return;
      if (token !== "") seen.current = Math.max(seen.current, read);
      client.adopt(token);
    });
    tellAround(origin, { hotline: "ready" });
    return () => {
      document.removeEventListener("visibilitychange", look);
      stop();
    };
  }, [origin, client]);
  const going = chat.phase === "going";
  const isKnown = chat.link === "ready" || chat.phase !== "none";
  useEffect(() => {
    document.title = unread > 0 ? t("unread", { n: unread, title: t("title") }) : t("title");
    if (isKnown) tellAround(origin, { hotline: "chat", unread, going, ...(canKeep() ? {} : { token: chat.token, seen: seen.current }) });
  }, [looks ? last : -1, unread, going, isKnown, chat.token, origin, t]);
}

function paint(element: HTMLElement | null, colour: string): void {
  if (element === null || colour === "") return;
  element.style.setProperty("--mine", colour);
  element.style.setProperty("--on-mine", readableOn(colour));
}
