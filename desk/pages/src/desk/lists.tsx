import { useEffect, useState } from "react";
import { oneLine } from "../base/harmless";
import { api, type PageOf } from "../base/api";
import { useNames } from "../base/names";
import { toast, wordsOf, Clock, Empty, ErrorNote, Tabs, useAsked } from "../base/parts";
import { useTitles } from "../base/titles";
import { duration, useLanguage, useMoments, useWords, words } from "../base/words";
import { channelName } from "./chats/names";
import { WORDS as CHATS } from "./chats/words";
import { isChat, type CallRow, type MissedCall, type OpenCallback, type RequestRow, type Topics } from "./types";
import { topicTitle } from "./titles";
import { WORDS } from "./words";

const AGAIN_MS = 20_000;
const MOST = 20;
type Key = "caller" | "missed" | "callbacks" | "today";

interface Shown {
  who: string;
  number: string;
  /** The call whose request is worked on, and those that go on: they are not among the earlier ones. */
  calls: readonly string[];
  queues: string[];
  topics: Topics | undefined;
  dial: ((number: string) => void) | null;
  onOpen: (call: string) => void;
  /** Another value: ask the server again. */
  turn: string;
}

/** Beside the call: who this caller was before, and what waits for me. */
export function Lists(shown: Shown) {
  const t = useWords(WORDS);
  const [tab, setTab] = useState<Key>("caller");
  const now = useEvery(AGAIN_MS);
  const missed = useAsked((signal) => api.get<MissedCall[]>("/api/desk/missed", {}, signal), [shown.turn, now]);
  const callbacks = useAsked((signal) => api.get<{ callbacks: OpenCallback[] }>("/api/callbacks", {}, signal), [shown.turn, now]);
  const open = (missed.value ?? []).filter(({ answered_by }) => answered_by === "");
  const mine = (callbacks.value?.callbacks ?? []).filter(({ queue }) => shown.queues.includes(queue));
  useEffect(() => { if (shown.number !== "") setTab("caller"); }, [shown.number]);
  const tabs: { key: Key; label: string }[] = [
    { key: "caller", label: t("tab_caller") },
    { key: "missed", label: open.length > 0 ? `${t("tab_missed")} ${open.length}` : t("tab_missed") },
    { key: "callbacks", label: mine.length > 0 ? `${t("tab_callbacks")} ${mine.length}` : t("tab_callbacks") },
    { key: "today", label: t("tab_today") },
  ];
  return (
    <section className="card stack desk-lists" aria-label={t("lists")}>
      <Tabs tabs={tabs} chosen={tab} onChoose={setTab} label={t("lists")} panel="desk-list" />
      <div id="desk-list" role="tabpanel" aria-label={t(`tab_${tab}`)} tabIndex={0}>
        {tab === "caller" && <Earlier {...shown} />}
        {tab === "missed" && <Missed found={missed} dial={shown.dial} />}
        {tab === "callbacks" && <Callbacks found={mine} error={callbacks.error} again={callbacks.again} />}
        {tab === "today" && <Today {...shown} />}
      </div>
    </section>
  );
}

/** A number that grows by one each `ms`, while the page is seen. */
function useEvery(ms: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) setTurn((n) => n + 1); }, ms);
    return () => clearInterval(timer);
  }, [ms]);
  return turn;
}

function Earlier({ number, calls, topics, turn, onOpen }: Shown) {
  const called = useTitles();
  const t = useWords(WORDS);
  const language = useLanguage();
  const moments = useMoments();
  const named = useNames();
  const found = useAsked((signal) => (number === "" ? Promise.resolve({ items: [], next_cursor: null })
    : api.get<PageOf<RequestRow>>("/api/requests", { caller_number: number, limit: MOST }, signal)), [number, turn]);
  if (number === "") return <Empty>{t("no_caller")}</Empty>;
  const items = (found.value?.items ?? []).filter(({ call_id }) => !calls.includes(call_id));
  return (
    <>
      <ErrorNote error={found.error} again={found.again} />
      {found.value !== undefined && items.length === 0 && <Empty>{t("first_time")}</Empty>}
      <ul className="desk-list">
        {items.map((row) => (
          <li key={row.id}>
            <div className="spread">
              <b>{row.topic !== "" && topics !== undefined ? topicTitle(topics, row.topic, language) : (row.subject !== "" ? words(row.subject) : called.queue(row.queue))}</b>
              <span className={`pill ${row.status === "closed" ? "good" : "warn"}`}>{t(`status_${row.status}`)}</span>
            </div>
            <p className="small muted">{moments.both(row.opened_at)} · {called.queue(row.queue)}{row.operator !== "" && <> · {named(row.operator)}</>}</p>
            {row.note !== "" && <p className="small desk-note">{row.note}</p>}
            {row.status !== "closed" && <button className="small quiet" onClick={() => onOpen(row.call_id)}>{t("open_it")}</button>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Missed({ found, dial }: { found: { value: MissedCall[] | undefined; error: unknown; again: () => void }; dial: Shown["dial"] }) {
  const called = useTitles();
  const t = useWords(WORDS);
  const moments = useMoments();
  const named = useNames();
  return (
    <>
      <ErrorNote error={found.error} again={found.again} />
      {found.value?.length === 0 && <Empty>{t("none_missed")}</Empty>}
      <ul className="desk-list">
        {(found.value ?? []).map((one) => (
          <li key={one.call_id}>
            <div className="spread">
              <b>{one.name || one.number || t("no_number")}</b>
              <span className="small muted figure">{moments.time(one.at)}</span>
            </div>
            <p className="small muted">
              {called.queue(one.queue)} · {one.answered_by !== "" ? t("answered_by", { who: named(one.answered_by) }) : t(one.outcome === null ? "still_waits" : "nobody_answered")}
            </p>
            {one.answered_by === "" && one.outcome !== null && one.number !== null && <CallBack number={one.number} dial={dial} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** By the phone of this page; else the number, to be dialled by hand. */
function CallBack({ number, dial }: { number: string; dial: Shown["dial"] }) {
  const t = useWords(WORDS);
  if (dial !== null) return <button className="small" onClick={() => dial(number)}>{t("call_back")}</button>;
  const copy = () => void navigator.clipboard?.writeText(number).then(() => toast(t("copied")), () => undefined);
  return <button className="small quiet" onClick={copy} title={t("copy_hint")}>{t("copy_number")}</button>;
}

function Callbacks({ found, error, again }: { found: OpenCallback[]; error: unknown; again: () => void }) {
  const t = useWords(WORDS);
  return (
    <>
      <ErrorNote error={error} again={again} />
      {error === null && found.length === 0 && <Empty>{t("no_callbacks")}</Empty>}
      <ul className="desk-list">{found.slice(0, MOST).map((one) => <Waiting key={one.request} one={one} again={again} />)}</ul>
    </>
  );
}

function Waiting({ one, again }: { one: OpenCallback; again: () => void }) {
  const called = useTitles();
  const t = useWords(WORDS);
  const request = useAsked((signal) => api.get<RequestRow>(`/api/requests/${one.request}`, {}, signal), [one.request]);
  const [at] = useState(() => performance.now());
  const row = request.value;
  const now = () => void api.post(`/api/callbacks/${one.request}/now`).then(() => { toast(t("tried_soon")); again(); },
    (failed) => toast(wordsOf(failed, t("unreachable")), "bad"));
  return (
    <li>
      <div className="spread">
        <b>{oneLine(row?.caller_name ?? "") || row?.callback_number || row?.caller_number || t("no_number")}</b>
        <span className="small muted"><Clock seconds={one.waited_s} at={at} /></span>
      </div>
      <p className="small muted">
        {called.queue(one.queue)} · {t(`callback_${one.state}`)}{one.attempts > 0 && <> · {t("attempts", { n: one.attempts })}</>}
      </p>
      {one.state === "paused" && <button className="small" onClick={now}>{t("try_now")}</button>}
    </li>
  );
}

function Today({ who, turn, onOpen }: Shown) {
  const c = useWords(CHATS);
  const called = useTitles();
  const t = useWords(WORDS);
  const moments = useMoments();
  const [since] = useState(() => new Date(new Date().setHours(0, 0, 0, 0)).toISOString());
  const found = useAsked((signal) => api.get<PageOf<CallRow>>("/api/calls", { operator: who, since, limit: 50 }, signal), [who, since, turn]);
  return (
    <>
      <ErrorNote error={found.error} again={found.again} />
      {found.value?.items.length === 0 && <Empty>{t("none_today")}</Empty>}
      <ul className="desk-list">
        {(found.value?.items ?? []).map((row) => (
          <li key={row.id}>
            <div className="spread">
              <b>{oneLine(row.caller_name ?? "") || row.caller_number || t("no_number")}</b>
              <span className="small muted figure">{moments.time(row.began_at)}</span>
            </div>
            <p className="small muted">{isChat(row) && <>{channelName(row, c)} · </>}{row.queue !== "" ? called.queue(row.queue) : t(row.direction)} · {t("talked", { for: duration(row.talk_time ?? 0) })}</p>
            {row.direction === "inbound" && <button className="small quiet" onClick={() => onOpen(row.id)}>{t("open_it")}</button>}
          </li>
        ))}
      </ul>
    </>
  );
}
