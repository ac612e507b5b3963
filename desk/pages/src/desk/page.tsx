import { useCallback, useEffect, useMemo, useRef, useState } from "react";
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
import { TransferDialog } from "./transfer";
import type { Card, MyDesk, RequestRow, Settings, Topics } from "./types";
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
const isMine = (card: Card) => inTalk(card) && card.state !== "consulted" && (card.direction === "inbound" || card.callback)
  && !card.on_call.some(({ part }) => part === "operator");
const inTalk = ({ state }: Card) => !["ringing", "surveying", "supervising"].includes(state);

function Desk({ told }: { told: Told<MyDesk> }) {
  const t = useWords(WORDS);
  const { operator, cards, wrap_up, lost } = told.value;
  const settings = useAsked((signal) => api.get<Settings>("/api/desk/settings", {}, signal), []);
  const topics = useAsked((signal) => api.get<Topics>("/api/topics", {}, signal), []);
  const phone = useDeskPhone();
  const connection = useLiveState();
  const board = useBoard();
  const [dialog, setDialog] = useState<"transfer" | "help" | null>(null);
  const [asking, setAsking] = useState(false);
  const [row, setRow] = useState<RequestRow>();
  const [turn, setTurn] = useState(0);
  const form = useRef<FormActs | null>(null);
  const acts = useCallback((now: FormActs | null) => { form.current = now; }, []);
  useEffect(() => sweepDrafts(), []);

  const ringing = cards.filter(({ state }) => state === "ringing");
  const mine = cards.filter(({ state }) => state !== "ringing");
  const talk = cards.find(inTalk);
  const { call, choose, done } = useWorkedOn(operator.name, cards.find(isMine)?.call ?? wrap_up?.call);
  const shown = cards.find((card) => card.call === call);
  const number = shown?.number || ringing[0]?.number || (row?.call_id === call ? row?.caller_number : "") || "";
  const failed = (error: unknown) => toast(wordsOf(error, t("unreachable")), "bad");
  useKeys({
    answer: phone.answer, hold: phone.toggleHold, mute: phone.toggleMute, keypad: phone.toggleKeypad,
    transfer: talk?.state === "talking" || talk?.state === "held" ? () => setDialog("transfer") : undefined,
    hang_up: talk === undefined || !mayHangUp(talk) ? undefined : () => void api.post(`/api/desk/calls/${talk.call}/hang-up`).catch(failed),
    note: () => form.current?.note(), save: () => form.current?.save(), close: () => form.current?.close(),
    available: () => void api.put(`/api/operators/${operator.name}/status`, { status: "available", reason: "" }).catch(failed),
    on_break: () => setAsking(true), help: () => setDialog("help"),
  });
  const called = useTitles();
  const first = ringing[0];
  const caller = first === undefined ? "" : first.colleague || first.name || first.number || t("no_number");
  const notes = useNotification(phone.rings ? undefined : first, `${t("incoming")}: ${caller}`, first === undefined ? "" : called.queue(first.queue));
  useRingTitle(first?.call, caller);
  const finished = useCallback(() => { done(); setTurn((n) => n + 1); }, [done]);
  const queues = useMemo(() => board?.value.queues.map(({ name }) => name) ?? operator.queues, [board, operator.queues]);

  return (
    <div className="desk">
      <h1 className="hidden">{t("title")}</h1>
      <Announcer cards={cards} lost={lost} />
      <div className="desk-left stack">
        <StatusSwitch told={told} settings={settings.value} asking={asking} setAsking={setAsking} />
        <PhonePanel desk={told.value} phone={phone} />
        <MyQueues names={operator.queues} />
        <div className="row">
          <button className="small quiet" onClick={() => setDialog("help")}>{t("keys")} <kbd>?</kbd></button>
          {notes.permission === "default" && !phone.used.audio.chosen.here && <button className="small quiet" onClick={notes.ask}>{t("allow_notes")}</button>}
        </div>
      </div>
      <div className="desk-middle stack">
        {connection === "away" && cards.length > 0 && <p className="note warn">{t("call_goes_on")}</p>}
        {ringing.map((card) => <Incoming key={card.call} card={card} at={told.at} phone={phone} topics={topics.value} />)}
        {ringing.length === 0 && lost !== null && <Lost lost={lost} at={told.at} />}
        {mine.map((card) => <CallCard key={card.call} card={card} at={told.at} phone={phone} topics={topics.value} onTransfer={() => setDialog("transfer")} />)}
        {cards.length === 0 && <Idle told={told} />}
        <WrapUpBar told={told} />
        {call !== "" && topics.value !== undefined && (shown === undefined || shown.direction === "inbound" || shown.callback) && (
          <RequestForm key={call} who={operator.name} call={call} topics={topics.value} live={shown !== undefined} queues={queues} acts={acts}
                       onDone={finished} onRow={setRow} />
        )}
        <ErrorNote error={topics.error} again={topics.again} />
      </div>
      <div className="desk-right">
        <Lists who={operator.name} number={number} calls={[call, ...cards.map((card) => card.call)]} queues={operator.queues} topics={topics.value} dial={phone.dial}
               onOpen={choose} turn={`${turn} ${cards.length} ${lost?.call ?? ""}`} />
      </div>
      {dialog === "transfer" && talk !== undefined && <TransferDialog card={talk} onClose={() => setDialog(null)} />}
      {dialog === "help" && <Help onClose={() => setDialog(null)} />}
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
