import { useEffect, useRef, useState, type FormEvent } from "react";
import { oneLine } from "../base/harmless";
import { api, ApiError } from "../base/api";
import { toast, ErrorNote, Field, Loading, useAsked } from "../base/parts";
import { useLanguage, useMoments, useWords } from "../base/words";
import { shortcut } from "./keys";
import { PassOn } from "./pass_on";
import { lacking, useRequest } from "./request";
import { RequestFields } from "./request_field";
import { titleOf } from "./titles";
import type { RelatedRow, RequestRow, Topics } from "./types";
import { WORDS } from "./words";

const NOTHING: ReadonlySet<string> = new Set();

export interface FormActs {
  note: () => void;
  save: () => void;
  close: () => void;
}

/** The request of one call. It may be filled in while the call goes on; what is required is asked for when it is closed. */
export function RequestForm({ who, call, topics, live, queues, acts, onDone, onRow }: {
  who: string; call: string; topics: Topics; live: boolean; queues: string[]; acts: (acts: FormActs | null) => void;
  onDone: () => void; onRow: (row: RequestRow | undefined) => void;
}) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const { row, missing, error, values, unsaved, change, save, again } = useRequest(who, call, live);
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [passing, setPassing] = useState(false);
  const note = useRef<HTMLTextAreaElement>(null);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => onRow(row), [row, onRow]);
  async function keep(more: Parameters<typeof save>[0], said: "saved" | "closed_now" | "opened_now" | "passed_now") {
    setBusy(true);
    setFailed(null);
    try {
      await save(more);
      toast(t(said));
      if (more?.status === "closed" || said === "passed_now") onDone();
      return true;
    } catch (problem) {
      setFailed(problem instanceof ApiError && problem.code === "changed_meanwhile" ? new Error(t("changed_meanwhile")) : problem);
      return false;
    } finally {
      setBusy(false);
    }
  }
  const lacks = row === undefined ? new Set<string>() : lacking(topics, row, values);
  function close() {
    setTried(true);
    if (lacks.size === 0) void keep({ status: "closed" }, "closed_now");
    else setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }
  useEffect(() => {
    acts({ note: () => note.current?.focus(), save: () => void keep(undefined, "saved"), close });
    return () => acts(null);
  });

  if (error !== null) return <section className="card"><h2>{t("request")}</h2><ErrorNote error={error} again={again} /></section>;
  if (row === undefined)
    return (
      <section className="card">
        <div className="spread"><h2>{t("request")}</h2>{!live && <Away onClose={onDone} />}</div>
        {missing ? <p className="empty">{t("no_request")}</p> : <Loading />}
      </section>
    );

  return (
    <section className="card stack desk-request" aria-label={t("request")} data-request={row.id}>
      <div className="spread">
        <h2>{t("request")}{!live && (row.caller_name || row.caller_number) ? ` · ${oneLine(row.caller_name ?? "") || row.caller_number}` : ""}</h2>
        <span className="row">
          {row.due_at !== null && row.status !== "closed" && <span className="small muted">{t("due", { at: moments.both(row.due_at) })}</span>}
          <span className={`pill ${row.status === "closed" ? "good" : "warn"}`}>{t(`status_${row.status}`)}</span>
          {!live && <Away onClose={onDone} />}
        </span>
      </div>
      <Linked id={row.id} />
      <form className="stack" ref={form} onSubmit={(event: FormEvent) => { event.preventDefault(); void keep(undefined, "saved"); }}>
        <RequestFields topics={topics} queue={row.queue} values={values} change={change} lacks={tried ? lacks : NOTHING} />
        <Field label={t("note")}>
          <textarea ref={note} name="note" rows={4} maxLength={10_000} value={values.note} aria-keyshortcuts={shortcut("note")}
                    onChange={(event) => change({ note: event.target.value })} />
        </Field>
        <Canned topics={topics} language={row.language} onPut={(text) => {
          change({ note: values.note === "" ? text : `${values.note.trimEnd()} ${text}` });
          note.current?.focus();
        }} />
        {tried && lacks.size > 0 && <p className="note bad" role="alert">{t("lacks")}</p>}
        <ErrorNote error={failed} />
        <div className="row">
          {row.status === "closed"
            ? <button type="button" disabled={busy} onClick={() => void keep({ status: "open" }, "opened_now")}>{t("reopen")}</button>
            : <button type="button" className="primary" disabled={busy} aria-keyshortcuts={shortcut("close")} onClick={close}>{t("save_close")} <kbd>Alt+Enter</kbd></button>}
          <button disabled={busy} aria-keyshortcuts={shortcut("save")}>{t("save")}</button>
          <button type="button" className="quiet" disabled={busy} onClick={() => setPassing(true)}>{t("pass_on")}</button>
          <span className="grow" />
          <span className="small muted" role="status">{unsaved ? t("draft_kept") : row.revision > 0 ? t("all_saved") : ""}</span>
        </div>
      </form>
      {passing && <PassOn row={row} queues={queues} onClose={() => setPassing(false)}
                          onChosen={async (queue) => { if (await keep({ queue, operator: "", status: "open" }, "passed_now")) setPassing(false); }} error={failed} />}
    </section>
  );
}

/** Take it off the screen; what was typed stays a draft. */
function Away({ onClose }: { onClose: () => void }) {
  const t = useWords(WORDS);
  return <button type="button" className="quiet small" aria-label={t("put_away")} title={t("put_away")} onClick={onClose}>✕</button>;
}

/** Sentences that go into the note with one click, in the caller's language where there is one. */
function Canned({ topics, language, onPut }: { topics: Topics; language: string; onPut: (text: string) => void }) {
  const t = useWords(WORDS);
  const shown = useLanguage();
  if (Object.keys(topics.notes).length === 0) return null;
  return (
    <div className="row desk-canneds" role="group" aria-label={t("canned")}>
      {Object.entries(topics.notes).map(([name, titles]) => {
        const text = titles[language] ?? titleOf(titles, shown, name);
        return <button key={name} type="button" className="small quiet desk-canned" onClick={() => onPut(text)}>+ {text}</button>;
      })}
    </div>
  );
}

/** Other requests of the same case. */
function Linked({ id }: { id: string }) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const { value } = useAsked((signal) => api.get<RelatedRow[]>(`/api/requests/${id}/related`, {}, signal), [id]);
  if (value === undefined || value.length === 0) return null;
  return (
    <ul className="desk-linked">
      {value.slice(0, 5).map((one) => (
        <li key={one.id} className="note">{t(one.how)} · {moments.both(one.opened_at)} · {t(`status_${one.status}`)}{one.note !== "" && <> · {one.note}</>}</li>
      ))}
    </ul>
  );
}
