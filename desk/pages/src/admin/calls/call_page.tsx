import { useEffect } from "react";
import { api } from "../../base/api";
import { ErrorNote, Loading, toast, useAsked } from "../../base/parts";
import { Link } from "../../base/router";
import { useNames } from "../../base/names";
import { useTitles } from "../../base/titles";
import { duration, useLanguage, useMoments, useWords, words } from "../../base/words";
import { ChatHistory } from "../../desk/chats/history";
import { callerOf, type CallDetails, type CallRequest, type HeardWords } from "./calls";
import { OutcomePill } from "./calls_page";
import { languageWords, partyWords, reasonWords } from "./code_words";
import { Ladder } from "./ladder";
import { Legs } from "./legs";
import { Recordings } from "./recordings";
import { Timeline } from "./timeline";
import { WORDS, type CallWord } from "./words";

const LOOK_EVERY = 2000;        // ms, while a call goes on

/** One call: what happened, in words and as messages, how it sounded, and its recording. */
export function CallPage({ id }: { id: string }) {
  const t = useWords(WORDS);
  const path = `/api/calls/${encodeURIComponent(id)}`;
  const { value, error, again } = useAsked((signal) => api.get<CallDetails>(path, {}, signal), [path]);
  const heard = useAsked((signal) => api.get<HeardWords>(`${path}/words`, {}, signal), [path]);
  const goesOn = value !== undefined && (value.call.outcome === null || !value.trace_complete);
  useEffect(() => {
    if (!goesOn) return;
    const timer = setInterval(() => { if (!document.hidden) again(); }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [goesOn, again]);
  return (
    <>
      <p className="small"><Link to="/admin/calls">← {t("back")}</Link></p>
      <ErrorNote error={error} again={again} />
      {value === undefined ? error === null && <Loading /> : <Shown details={value} heard={heard.value} />}
    </>
  );
}

function Shown({ details, heard }: { details: CallDetails; heard: HeardWords | undefined }) {
  const t = useWords(WORDS);
  const { call, entries, trace, ladder, legs, recordings } = details;
  async function copy() {
    await navigator.clipboard.writeText(ladder);
    toast(t("copied"));
  }
  return (
    <>
      <div className="spread"><h1>{t("call")} {callerOf(call, t("withheld"))}</h1><OutcomePill outcome={call.outcome} /></div>
      <Facts details={details} />
      <section className="card">
        <h2>{t("timeline")}</h2>
        {heard !== undefined && heard.why_not !== "" && call.menu_version !== "" && <p className="muted small">{t("no_words", { why: heard.why_not })}</p>}
        <Timeline entries={entries} heard={heard} />
      </section>
      {call.channel !== "voice" && <ChatHistory call={call.id} visitor={callerOf(call, t("withheld"))} goesOn={call.outcome === null} />}
      {recordings.length > 0 && <Recordings recordings={recordings} />}
      <Legs legs={legs} />
      <section className="card stack">
        <div className="spread"><h2>{t("ladder")}</h2>{ladder !== "" && <button className="small" onClick={() => void copy()}>{t("copy")}</button>}</div>
        {trace.length === 0 ? <p className="muted">{t("no_ladder")}</p> : (
          <>
            <p className="muted small">{t("ladder_about")}</p>
            <Ladder rows={trace} label={t("ladder")} />
            <details>
              <summary>{t("ladder_text")}</summary>
              <div className="scroll" role="region" aria-label={t("ladder_text")} tabIndex={0}><pre>{ladder}</pre></div>
            </details>
          </>
        )}
      </section>
    </>
  );
}

function Facts({ details: { call, requests } }: { details: CallDetails }) {
  const t = useWords(WORDS);
  const { both } = useMoments();
  const called = useTitles();
  const language = useLanguage();
  const named = useNames();
  const ended = [call.ended_by === "" ? "" : partyWords(language, call.ended_by, named), reasonWords(language, call.reason)].filter((one) => one !== "").join(": ");
  const facts: [string, React.ReactNode][] = [
    [t("began"), both(call.began_at)], [t("direction"), t(call.direction)], [t("line"), call.line], [t("dialled"), call.dialled], [t("language"), call.language === "" ? "" : languageWords(language, call.language)],
    [t("queue"), call.queue && called.queue(call.queue)], [t("operator"), named(call.operator)], [t("waited"), call.wait_time === null ? "" : duration(call.wait_time)],
    [t("talked"), call.talk_time === null ? "" : duration(call.talk_time)], [t("ended_by"), ended],
    [t("menu_version"), call.menu_version === "" ? "" : <span className="mono" title={call.menu_version}>{call.menu_version.slice(0, 8)}</span>],
    ...requests.map((request): [string, React.ReactNode] => [t("request"), <OneRequest key={request.id} request={request} />]),
  ];
  return (
    <section className="card">
      <dl className="pairs">
        {facts.filter(([, value]) => value !== "").map(([name, value], at) => <Fact key={at} name={name} value={value} />)}
      </dl>
    </section>
  );
}

/** What the caller wanted, folded: who looks for the call seldom looks for that. */
function OneRequest({ request }: { request: CallRequest }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const named = useNames();
  const { subject, status, queue, topic, result, note, operator, filled } = request;
  const more: [string, string][] = [[t("topic"), words(topic)], [t("result"), words(result)], [t("operator"), named(operator)],
    ...Object.entries(filled).map(([name, value]): [string, string] => [words(name), value]), [t("note"), note]];
  return (
    <details>
      <summary>{[subject === "" ? called.queue(queue) : words(subject), t(`request_${status}` as CallWord)].join(", ")}</summary>
      <dl className="pairs small">
        {more.filter(([, value]) => value !== "").map(([name, value]) => <Fact key={name} name={name} value={value} />)}
        <Fact name={t("number_of")} value={<span className="mono">{request.id}</span>} />
      </dl>
    </details>
  );
}

function Fact({ name, value }: { name: string; value: React.ReactNode }) {
  return <><dt>{name}</dt><dd>{value}</dd></>;
}
