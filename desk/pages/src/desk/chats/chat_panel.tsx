import { useEffect, useMemo, useState } from "react";
import { api } from "../../base/api";
import { dropping } from "../../base/dropping";
import { useBoard } from "../../base/live";
import { ErrorNote } from "../../base/parts";
import { useWords } from "../../base/words";
import { Asked } from "../call_card";
import { shortcut } from "../keys";
import { Story } from "../story";
import type { Card, Topics } from "../types";
import { WORDS as DESK } from "../words";
import { Composer } from "./composer";
import { wishOf } from "./call_notes";
import { takesFiles, visitorName } from "./names";
import type { Outgoing } from "./talk";
import { SaysNew, Transcript } from "./transcript";
import type { Chats } from "./use_chats";
import { WORDS } from "./words";

/** The chat that is open: who it is, what was written, and the field to write in. */
export function ChatPanel({ card, chats, me, at, topics, onTransfer }: {
  card: Card; chats: Chats; me: string; at: number; topics: Topics | undefined; onTransfer: () => void;
}) {
  const t = useWords(WORDS);
  const d = useWords(DESK);
  const people = useBoard()?.value.operators;
  const { call } = card;
  const { talks, live } = chats;
  const talk = chats.of(call);
  const who = visitorName(card, t);
  const last = talk.texts.at(-1)?.position;
  const typing = chats.typing(call);
  useSeen(chats, call, last);
  const send = (body: string, isPrivate: boolean) => void talks.send(call, { key: newKey(), body, private: isPrivate });
  const sendFiles = (files: readonly File[], isPrivate: boolean) => files.forEach((file) => void talks.sendFile(call, { key: newKey(), private: isPrivate }, file));
  const retry = (one: Outgoing) => void (one.file !== undefined ? talks.sendFile(call, one) : talks.send(call, one));
  const spokeAt = useSpokeAt(talk.texts.filter(({ sender }) => sender !== "hotline" && sender !== me).at(-1)?.position);
  const types = typing === undefined || typing.at <= spokeAt ? "" : people?.find(({ name }) => name === typing.who)?.display_name || who;
  return (
    <section className={`card stack desk-chat ${live ? card.state : "over"}`} aria-label={t("chat_with", { who })} data-call={call} data-state={live ? card.state : "over"}
             {...dropping(false, () => undefined)}>
      <div className="desk-call-head">
        <span className="big"><bdi>{who}</bdi></span>
        <span className={`pill ${live ? "good" : ""}`}>{live ? d(`state_${card.state}`) : t("over")}</span>
      </div>
      {live ? <Acts card={card} wish={wishOf(talk.texts)} onTransfer={onTransfer} /> : <div><button onClick={chats.put_away}>{t("put_away")}</button></div>}
      <details className="desk-chat-story"><summary>{d("path")}</summary><Story card={card} at={live ? at : Infinity} topics={topics} /></details>
      <Transcript key={call} call={call} talk={talk} me={me} visitor={who} types={live ? types : ""} retry={retry} drop={(key) => talks.drop(call, key)} />
      <SaysNew key={`says ${call}`} talk={talk} me={me} visitor={who} />
      {live && card.state === "supervising" && <Watching card={card} me={me} />}
      {live && card.state !== "surveying" && !(card.state === "supervising" && card.mode === "listen") && (
        <Composer key={`writes ${call}`} call={call} visitor={who} notesAlone={card.state === "supervising" && card.mode !== "barge"} takesFiles={takesFiles(card)} language={card.language} topics={topics} focus={chats.focus}
                  onSend={send} onFiles={sendFiles} onTyping={() => talks.typing(call)} />
      )}
    </section>
  );
}

/** When the newest of what others wrote came (`performance.now`): whoever wrote has done typing. */
function useSpokeAt(position: number | undefined): number {
  return useMemo(() => (position === undefined ? 0 : performance.now()), [position]);
}

const LEAVES = new Set<Card["state"]>(["talking", "held", "conference", "consulted", "supervising", "transferring"]);

function Acts({ card, wish, onTransfer }: { card: Card; /** Where the visitor wants to be called. */ wish: string; onTransfer: () => void }) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ask = (what: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    what().catch(setError).finally(() => setBusy(false));
  };
  const leave = () => ask(() => api.post(`/api/chats/${card.call}/leave`));
  const ends = card.state === "talking" || card.state === "held";
  return (
    <>
      <div className="row desk-acts">
        {ends && <button className="primary" aria-keyshortcuts={shortcut("transfer")} onClick={onTransfer}>{t("transfer")}</button>}
        {wish !== "" && card.state === "talking" && card.beside === "" && (
          <button disabled={busy} onClick={() => ask(() => api.post(`/api/chats/${card.call}/call`, { number: wish }))}>{t("call_them", { number: wish })}</button>
        )}
        <Asked card={card} busy={busy} onWish={(wish) => ask(() => api.post(`/api/calls/${card.call}/consultation`, { wish }))} />
        <span className="grow" />
        {LEAVES.has(card.state) && <button className="bad" aria-keyshortcuts={shortcut("hang_up")} disabled={busy} onClick={leave}>{t(ends ? "leave" : "leave_asked")}</button>}
      </div>
      {card.state === "consulting" && <p className="note">{t("held")}</p>}
      <ErrorNote error={error} />
    </>
  );
}

const MODES = ["listen", "whisper", "barge"] as const;

/** How a supervisor takes part: reads along, writes notes to the operator, or writes with both. */
function Watching({ card, me }: { card: Card; me: string }) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  const choose = (mode: string) => {
    setError(null);
    api.put(`/api/calls/${card.call}/supervisors/${encodeURIComponent(me)}`, { mode }).catch(setError);
  };
  return (
    <>
      <div className="row" role="group" aria-label={t("part")}>
        {MODES.map((mode) => (
          <button key={mode} className="small" aria-pressed={card.mode === mode} data-mode={mode} onClick={() => choose(mode)}>{t(`part_${mode}`)}</button>
        ))}
      </div>
      {card.mode !== "barge" && <p className="note">{t(card.mode === "whisper" ? "whispering" : "watching")}</p>}
      <ErrorNote error={error} />
    </>
  );
}

/** What is on the screen of who looks at it is read. */
function useSeen({ talks }: Chats, call: string, last: number | undefined): void {
  useEffect(() => {
    const look = () => { if (!document.hidden && document.hasFocus()) talks.seen(call); };
    look();
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [talks, call, last]);
}

/** Ours for a message: where pages are not secure there is no randomUUID. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (octet) => octet.toString(16).padStart(2, "0")).join("");
