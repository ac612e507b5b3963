import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { oneLine } from "../base/harmless";
import { api } from "../base/api";
import { useBoard, useLiveState, type Told } from "../base/live";
import { toast, wordsOf, ErrorNote, Loading, useAsked, useNow } from "../base/parts";
import { useSession } from "../base/session";
import { useWords } from "../base/words";
import { CallCard, mayHangUp } from "./call_card";
import "./desk.css";
import { useMyDesk } from "./desk_now";
import { sweepDrafts } from "./drafts";
import { Help } from "./help";
import { Idle } from "./idle";
import { Announcer, Incoming } from "./incoming";
import { useKeys } from "./keys";
import { Lists } from "./lists";
import { useNames } from "../base/names";
import { useNotification, useRingTitle } from "./notifying";
import { PhonePanel, useDeskPhone } from "./phone";
import { useWorkedOn } from "./worked_on";
import { RequestForm, type FormActs } from "./request_form";
import { StatusSwitch } from "./status";
import { useTitles } from "../base/titles";
import { AnswerSwitch } from "./chats/answer_switch";
import { useAnswering } from "./chats/answering";
import "./chats/chats.css";
import { ChatList } from "./chats/chat_list";
import { ChatPanel } from "./chats/chat_panel";
import { useMessageNotes } from "./chats/message_notes";
import { visitorName } from "./chats/names";
import { useChime } from "./chats/sound";
import { useChats } from "./chats/use_chats";
import { WORDS as CHATS } from "./chats/words";
import { TransferDialog } from "./transfer";
import { caseOf, isChat, type Card, type MyDesk, type RequestRow, type Settings, type Topics } from "./types";
import { MyQueues } from "./queues";
import { WORDS } from "./words";
import { WrapUpBar } from "./wrap_up";

export default function Page() {
  const { who } = useSession();
  const t = useWords(WORDS);
  if (who?.operator === false) return <><h1>{t("title")}</h1><p className="note">{t("no_operator")}</p></>;
  return <Operators />;
}

function Operators() {
  const { told, error } = useMyDesk();
  const t = useWords(WORDS);
  if (told === undefined) return <><h1 className="hidden">{t("title")}</h1>{error === null ? <Loading /> : <ErrorNote error={error} />}</>;
  return <Desk told={told} />;
}

/** A caller of mine: their request comes on the screen. A colleague who asks me has it on theirs. */
const isMine = (card: Card) => inTalk(card) && !isChat(card) && card.state !== "consulted" && (card.direction === "inbound" || card.callback || card.beside !== "")
  && !card.on_call.some(({ part }) => part === "operator");
const inTalk = ({ state }: Card) => !["ringing", "surveying", "supervising", "waits"].includes(state);

function Desk({ told }: { told: Told<MyDesk> }) {
  const t = useWords(WORDS);
  const { operator, cards, wrap_up, lost } = told.value;
  const settings = useAsked((signal) => api.get<Settings>("/api/desk/settings", {}, signal), []);
  const topics = useAsked((signal) => api.get<Topics>("/api/topics", {}, signal), []);
  const phone = useDeskPhone();
  const connection = useLiveState();
  const board = useBoard();
  const c = useWords(CHATS);
  const answering = useAnswering(operator, connection);
  const [helps, setHelps] = useState(false);
  const [sending, setSending] = useState("");
  const [asking, setAsking] = useState(false);
  const [row, setRow] = useState<RequestRow>();
  const [turn, setTurn] = useState(0);
  const form = useRef<FormActs | null>(null);
  const acts = useCallback((now: FormActs | null) => { form.current = now; }, []);
  useEffect(() => sweepDrafts(), []);

  const ringing = cards.filter(({ state }) => state === "ringing");
  const mine = cards.filter((card) => card.state !== "ringing" && !isChat(card));
  const texts = useMemo(() => cards.filter((card) => card.state !== "ringing" && isChat(card)), [cards]);
  const chats = useChats(operator.name, texts);
  useMessageNotes(texts, chats);
  const talk = cards.find((card) => inTalk(card) && !isChat(card));
  // keys are for the call, and for the chat where the focus is in it or there is no call
  const acted = () => (chats.open !== null && chats.live && (talk === undefined || document.activeElement?.closest(".desk-chat") != null) ? chats.open : talk);
  // who writes in one chat keeps its request on the screen when another one ends
  const talked = cards.find(isMine);
  const { call, choose, done } = useWorkedOn(operator.name, talked === undefined ? (texts.length === 0 ? wrap_up?.call : undefined) : caseOf(talked));
  const shown = cards.find((card) => caseOf(card) === call);
  const number = shown?.number || ringing[0]?.number || (row?.call_id === call ? row?.caller_number : "") || "";
  const takeChat = useCallback(async (one: string) => { await chats.take(one); choose(one); }, [chats.take, choose]);
  const failed = (error: unknown) => toast(wordsOf(error, t("unreachable")), "bad");
  const offered = ringing.find(isChat);
  useKeys({
    answer: phone.rings || offered === undefined ? phone.answer : () => void takeChat(offered.call).catch(failed),
    hold: phone.toggleHold, mute: phone.toggleMute, keypad: phone.toggleKeypad,
    transfer: () => { const card = acted(); if (card?.state === "talking" || card?.state === "held") setSending(card.call); },
    hang_up: () => {
      const card = acted();
      if (card !== undefined && mayHangUp(card))
        void api.post(isChat(card) ? `/api/chats/${card.call}/leave` : `/api/desk/calls/${card.call}/hang-up`).catch(failed);
    },
    chat: texts.length === 0 ? undefined : () => {
      const next = texts.find(({ call: one }) => chats.unread(one) > 0) ?? chats.open ?? texts[0]!;
      chats.show(next.call);
      chats.focusIt(next.call);
      choose(next.call);
    },
    note: () => form.current?.note(), save: () => form.current?.save(), close: () => form.current?.close(),
    available: () => void api.put(`/api/operators/${operator.name}/status`, { status: "available", reason: "" }).catch(failed),
    on_break: () => setAsking(true), help: () => setHelps(true),
  });
  const called = useTitles();
  const first = phone.rings ? offered : ringing[0];       // the phone of the page rings by itself
  const caller = first === undefined ? "" : isChat(first) ? visitorName(first, c) : first.colleague || oneLine(first.name) || first.number || t("no_number");
  const notes = useNotification(first, `${first !== undefined && isChat(first) ? c("offered") : t("incoming")}: ${caller}`, first === undefined ? "" : called.queue(first.queue));
  const rings = ringing[0];
  useRingTitle(rings?.call, rings === undefined ? "" : isChat(rings) ? visitorName(rings, c) : rings.colleague || oneLine(rings.name) || rings.number || t("no_number"));
  useChime(phone.rings ? undefined : offered?.call);
  const finished = useCallback(() => { done(); setTurn((n) => n + 1); }, [done]);
  const { open } = chats;
  useEffect(() => { if (call === "" && open !== null && chats.live) choose(open.call); }, [call, open?.call, chats.live]);
  const sent = cards.find((card) => card.call === sending);
  const queues = useMemo(() => board?.value.queues.map(({ name }) => name) ?? operator.queues, [board, operator.queues]);

  return (
    <div className="desk">
      <h1 className="hidden">{t("title")}</h1>
      <Announcer cards={cards} lost={lost} />
      <div className="desk-left stack">
        <StatusSwitch told={told} settings={settings.value} asking={asking} setAsking={setAsking} />
        <PhonePanel desk={told.value} phone={phone} />
        <AnswerSwitch operator={operator} answering={answering} />
        <MyQueues names={operator.queues} />
        <div className="row">
          <button className="small quiet" onClick={() => setHelps(true)}>{t("keys")} <kbd>?</kbd></button>
          {notes.permission === "default" && (!phone.used.audio.chosen.here || answering.on) && <button className="small quiet" onClick={notes.ask}>{t("allow_notes")}</button>}
        </div>
      </div>
      <div className="desk-middle stack">
        {connection === "away" && cards.length > 0 && <p className="note warn">{t("call_goes_on")}</p>}
        {ringing.map((card) => <Incoming key={card.call} card={card} at={told.at} phone={phone} topics={topics.value} take={takeChat} />)}
        {ringing.length === 0 && lost !== null && <Lost lost={lost} at={told.at} />}
        {mine.map((card) => <CallCard key={card.call} chats={settings.value?.chats === true} card={card} at={told.at} phone={phone} topics={topics.value} onTransfer={() => setSending(card.call)}
                                      onRequest={caseOf(card) === call || !isMine(card) ? null : () => choose(caseOf(card))} />)}
        <ChatList cards={texts} chats={chats} at={told.at} onOpen={choose} />
        {open !== null && <ChatPanel card={open} chats={chats} me={operator.name} at={told.at} topics={topics.value} onTransfer={() => setSending(open.call)} />}
        {cards.length === 0 && open === null && <Idle told={told} />}
        <WrapUpBar told={told} call={call} onRequest={choose} />
        {call !== "" && topics.value !== undefined && (shown === undefined || shown.direction === "inbound" || shown.callback || shown.beside !== "") && (
          <RequestForm key={call} who={operator.name} call={call} topics={topics.value} live={shown !== undefined} queues={queues} acts={acts}
                       onDone={finished} onRow={setRow} />
        )}
        <ErrorNote error={topics.error} again={topics.again} />
      </div>
      <div className="desk-right">
        <Lists who={operator.name} number={number} calls={[call, ...cards.map((card) => card.call)]} queues={operator.queues} topics={topics.value} dial={phone.dial}
               onOpen={choose} turn={`${turn} ${cards.length} ${lost?.call ?? ""}`} />
      </div>
      {sent !== undefined && <TransferDialog card={sent} onClose={() => setSending("")} />}
      {helps && <Help onClose={() => setHelps(false)} />}
    </div>
  );
}

const NEWS_S = 20;
/** How an offer ends by what I did, or my phone. */
const MISSED = new Set(["no_answer", "refused", "busy", "failed", "unreachable"]);

/** What became of the call that rang here a moment ago. */
function Lost({ lost, at }: { lost: NonNullable<MyDesk["lost"]>; at: number }) {
  const t = useWords(WORDS);
  const named = useNames();
  const passed = (useNow() - at) / 1000;
  if (lost.since_s + passed > NEWS_S) return null;
  if (lost.by !== "") return <p className="note">{t("taken_by", { who: named(lost.by) })}</p>;
  return MISSED.has(lost.how) ? <p className="note warn">{t("you_missed")}</p> : <p className="note">{t("gave_up")}</p>;
}
