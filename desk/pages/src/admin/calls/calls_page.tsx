import { useState } from "react";
import { api, ApiError, asQuery } from "../../base/api";
import { CHANNELS, useChannels } from "../../base/channels";
import { useNames } from "../../base/names";
import { Empty, ErrorNote, Field, Loading } from "../../base/parts";
import { Link, navigate, setParam, useRoute } from "../../base/router";
import { useTitles } from "../../base/titles";
import { duration, useMoments, useWords } from "../../base/words";
import { usePaged } from "../shared";
import { callerOf, OUTCOMES, type Call } from "./calls";
import { WORDS } from "./words";

const FILTERS = ["caller_number", "line", "queue", "operator", "outcome", "channel", "since", "until", "in_progress"] as const;
type Filter = (typeof FILTERS)[number];

/** The query of the server: days become moments, numbers lose what people write between their digits. */
export function queryOf(params: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = params.get(name) ?? "";
    if (value === "") continue;
    if (name === "since" || name === "until") {
      const at = new Date(value);
      if (!Number.isNaN(at.getTime())) found[name] = at.toISOString();
    } else found[name] = name === "caller_number" ? value.replace(/[\s()-]/g, "") : value.trim();
  }
  return found;
}

/** Every call, found by whatever is known of it. The address of the page has what is asked for. */
export function CallsPage() {
  const t = useWords(WORDS);
  const { params } = useRoute();
  const query = queryOf(params);
  const { value, items: calls, cursor, failed, error, again, more } = usePaged<Call>("/api/calls", { ...query, limit: 50 });
  return (
    <>
      <div className="spread">
        <h1>{t("title")}</h1>
        <a className="button" href={`/api/calls.csv${asQuery(query)}`} download="calls.csv">{t("export")}</a>
      </div>
      <section className="card stack"><Filters params={params} /><Find /></section>
      <section className="card">
        <ErrorNote error={error ?? failed} again={again} />
        {value === undefined ? error === null && <Loading /> : calls.length === 0 ? <Empty>{t("none")}</Empty> : <Table calls={calls} />}
        {cursor !== null && value !== undefined && <div className="row"><button onClick={() => void more()}>{t("older")}</button></div>}
      </section>
    </>
  );
}

function Filters({ params }: { params: URLSearchParams }) {
  const t = useWords(WORDS);
  const channel = useChannels();
  const text = (name: Filter, label: string, type = "text", hint?: string) => (
    <Field label={label} hint={hint}>
      <input type={type} name={name} defaultValue={params.get(name) ?? ""} key={params.get(name) ?? ""} maxLength={64}
             onBlur={(event) => setParam(name, event.target.value)} />
    </Field>
  );
  return (
    <form className="filters" onSubmit={(event) => {
      event.preventDefault();
      const given = new FormData(event.currentTarget);
      for (const name of FILTERS) if (given.has(name)) setParam(name, String(given.get(name)));
    }}>
      {text("caller_number", t("number"), "tel")}
      {text("since", t("since"), "datetime-local")}
      {text("until", t("until"), "datetime-local")}
      {text("line", t("line"))}
      {text("queue", t("queue"))}
      {text("operator", t("operator"))}
      <Field label={t("outcome")}>
        <select value={params.get("outcome") ?? ""} onChange={(event) => setParam("outcome", event.target.value)}>
          <option value="">{t("any")}</option>
          {OUTCOMES.map((outcome) => <option key={outcome} value={outcome}>{t(outcome)}</option>)}
        </select>
      </Field>
      <Field label={t("channel")}>
        <select name="channel" value={params.get("channel") ?? ""} onChange={(event) => setParam("channel", event.target.value)}>
          <option value="">{t("any")}</option>
          {CHANNELS.map((name) => <option key={name} value={name}>{channel(name)}</option>)}
        </select>
      </Field>
      <label className="tick">
        <input type="checkbox" checked={params.get("in_progress") === "true"} onChange={(event) => setParam("in_progress", event.target.checked ? "true" : "")} />
        {t("going_on")}
      </label>
      <button className="hidden" tabIndex={-1} aria-hidden="true">{t("title")}</button>
    </form>
  );
}

/** A call, or the call of a request, by its id. */
function Find() {
  const t = useWords(WORDS);
  const [id, setId] = useState("");
  const [error, setError] = useState<unknown>(null);
  async function find() {
    const wanted = id.trim();
    if (wanted === "") return;
    setError(null);
    const path = encodeURIComponent(wanted);
    try {
      await api.get(`/api/calls/${path}`);
      navigate(`/admin/calls/${path}`);
    } catch (failed) {
      if (!(failed instanceof ApiError) || failed.status !== 404) return setError(failed);
      try {
        const { call_id } = await api.get<{ call_id: string }>(`/api/requests/${path}`);
        navigate(`/admin/calls/${encodeURIComponent(call_id)}`);
      } catch (other) {
        setError(other);
      }
    }
  }
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); void find(); }}>
      <Field label={t("find")}><input type="search" value={id} maxLength={64} onChange={(event) => setId(event.target.value)} /></Field>
      <ErrorNote error={error} />
    </form>
  );
}

function Table({ calls }: { calls: Call[] }) {
  const t = useWords(WORDS);
  const { both } = useMoments();
  const called = useTitles();
  const named = useNames();
  const channel = useChannels();
  const time = (seconds: number | null) => (seconds === null ? "–" : duration(seconds));
  return (
    <div className="scroll" role="region" aria-label={t("title")} tabIndex={0}>
      <table className="folds">
        <thead>
          <tr>
            <th scope="col">{t("began")}</th><th scope="col">{t("caller")}</th><th scope="col">{t("outcome")}</th><th scope="col">{t("line")}</th><th scope="col">{t("queue")}</th>
            <th scope="col">{t("operator")}</th><th scope="col" className="right">{t("waited")}</th><th scope="col" className="right">{t("talked")}</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <tr key={call.id}>
              <td className="use"><Link to={`/admin/calls/${encodeURIComponent(call.id)}`}>{both(call.began_at)}</Link></td>
              <td>{callerOf(call, t("withheld"))}</td><td><OutcomePill outcome={call.outcome} /></td><td data-name={t("line")}>{call.line}{call.channel !== "voice" && <span className="under" data-channel={call.channel}>{channel(call.channel)}</span>}</td><td data-name={t("queue")}>{call.queue && called.queue(call.queue)}</td><td data-name={t("operator")}>{named(call.operator)}</td>
              <td className="right" data-name={t("waited")}>{time(call.wait_time)}</td><td className="right" data-name={t("talked")}>{time(call.talk_time)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function OutcomePill({ outcome }: { outcome: Call["outcome"] }) {
  const t = useWords(WORDS);
  if (outcome === null) return <span className="pill accent">{t("goes_on")}</span>;
  const kind = outcome === "failed" || outcome === "refused" ? "bad" : outcome === "abandoned" || outcome === "overflow" ? "warn" : outcome === "answered" ? "good" : "";
  return <span className={`pill ${kind}`}>{t(outcome)}</span>;
}
