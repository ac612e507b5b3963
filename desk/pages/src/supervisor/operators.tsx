import { useState, type FormEvent } from "react";
import { api } from "../base/api";
import type { OperatorNow, QueueNow } from "../base/live";
import { Clock, Dialog, Empty, ErrorNote, Field, Loading, toast, useAsked } from "../base/parts";
import { phoneName } from "../base/phone_name";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { useFormulas } from "../reports/formulas";
import { mean, percent, type OperatorToday } from "./figures";
import { WORDS, type Word } from "./words";

type Status = OperatorNow["status"];
const STATUSES: readonly Status[] = ["available", "on_break", "logged_out"];

interface Phone { transport: string; user_agent: string }
interface Phones { phones: { account: string; contacts: Phone[] }[] }

/** Everybody who takes calls: what they set, what the service does with them, since when, on which phone. */
export function Operators({ operators, queues, today, formulas, at, at_queue }:
    { operators: readonly OperatorNow[]; queues: readonly QueueNow[]; today: readonly OperatorToday[]; formulas: Record<string, string>; at: number; at_queue: string }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const formula = useFormulas();
  const [setting, set] = useState<OperatorNow | null>(null);
  const [asked, ask] = useState<OperatorNow | null>(null);
  const reachable = operators.map(({ name, reachable: there }) => `${name}${there}`).join();
  const phones = useAsked((signal) => api.get<Phones>("/api/phones", {}, signal), [reachable]);
  const shown = operators.filter(({ queues: serves }) => at_queue === "" || serves.includes(at_queue));
  return (
    <section className="card" aria-labelledby="operators">
      <h2 id="operators" tabIndex={-1}>{t("operators")}</h2>
      {shown.length === 0 ? <Empty>{t("no_operators")}</Empty> : (
        <div className="scroll">
          <table className="folds">
            <thead>
              <tr><th scope="col">{t("operator")}</th><th scope="col">{t("status")}</th><th scope="col">{t("state")}</th>
                <th scope="col">{t("phone")}</th>
                {TODAY.map((figure) => <th scope="col" key={figure} title={formulas[figure] && formula(formulas[figure])}>{t(figure)}</th>)}
                <th scope="col"><span className="hidden">{t("set_status")}</span></th></tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.name} data-operator={one.name}>
                  <th scope="row">{one.display_name || one.name}<span className="under">{one.queues.map(called.queue).join(", ")}</span></th>
                  <td><StatusPill one={one} />
                    <span className="under"><Clock seconds={one.status_time} at={at} />{one.reason && ` · ${one.reason}`}
                      {one.set_by && ` · ${t("set_by", { name: one.set_by === "api" ? t("a_program") : one.set_by })}`}</span></td>
                  <td data-name={t("state")}>{one.status !== "available" && one.state === "idle" ? "–"
                    : <>{t(one.rest_time > 0 ? "resting" : one.state)} <span className="muted"><Clock seconds={one.state_time} at={at} /></span></>}
                    {(one.chats > 0 || one.chats_reachable) && <span className="under" data-figure="chats">{t("chats_of", { n: one.chats, of: one.chats_most })}</span>}</td>
                  <td data-name={t("phone")}>{one.reachable ? phoneOf(phones.value, one.name) : one.chats_reachable ? <span className="muted">{t("chats_alone")}</span> : <span className="pill bad">{t("no_phone")}</span>}</td>
                  <Today figures={today.find(({ name }) => name === one.name)} />
                  <td className="right actions">
                    <button className="small" onClick={() => set(one)}>{t("set_status")}<span className="hidden"> {one.name}</span></button>
                    <button className="small quiet" onClick={() => ask(one)}>{t("why")}<span className="hidden"> {one.name}</span></button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {setting !== null && <SetStatus one={setting} onClose={() => set(null)} />}
      {asked !== null && <WhyNot one={asked} queues={queues} onClose={() => ask(null)} />}
    </section>
  );
}

const TODAY = ["handled", "missed", "handle_time", "occupancy"] as const;

function Today({ figures }: { figures: OperatorToday | undefined }) {
  const t = useWords(WORDS);
  if (figures === undefined) return TODAY.map((figure) => <td key={figure} data-name={t(figure)}>–</td>);
  const written = { handled: figures.handled, missed: figures.missed, handle_time: mean(figures.handle_time), occupancy: percent(figures.occupancy) };
  return TODAY.map((figure) => <td key={figure} data-name={t(figure)}>{written[figure]}</td>);
}

function phoneOf(phones: Phones | undefined, name: string): string {
  const contacts = phones?.phones.find(({ account }) => account === name)?.contacts ?? [];
  return contacts.map(({ transport, user_agent }) => phoneName(transport, user_agent) || transport.toUpperCase()).join(", ") || "✓";
}

const KINDS: Record<Status, string> = { available: "good", on_break: "warn", logged_out: "" };

function StatusPill({ one }: { one: OperatorNow }) {
  const t = useWords(WORDS);
  return <span className={`pill ${KINDS[one.status]}`}>{t(one.status)}</span>;
}

function SetStatus({ one, onClose }: { one: OperatorNow; onClose: () => void }) {
  const t = useWords(WORDS);
  const [status, choose] = useState<Status>(one.status === "available" ? "on_break" : "available");
  const [reason, say] = useState("");
  const [error, fail] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await api.put(`/api/operators/${encodeURIComponent(one.name)}/status`, { status, reason: reason.trim() });
      toast(t("status_set", { name: one.display_name || one.name, status: t(status) }));
      onClose();
    } catch (failed) {
      fail(failed);
      setBusy(false);
    }
  }
  return (
    <Dialog title={t("set_status_of", { name: one.display_name || one.name })} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <fieldset className="row choices">
          <legend className="hidden">{t("status")}</legend>
          {STATUSES.map((each) => (
            <label key={each} className="tick">
              <input type="radio" name="status" value={each} checked={status === each} onChange={() => choose(each)} />{t(each)}
            </label>
          ))}
        </fieldset>
        <Field label={t("reason")} hint={t("reason_hint")}>
          <input name="reason" value={reason} maxLength={200} required={status !== "available"} onChange={(event) => say(event.target.value)} />
        </Field>
        <ErrorNote error={error} />
        <button className="primary" disabled={busy}>{t("set_status")}</button>
      </form>
    </Dialog>
  );
}

/** What control itself would say: for the first caller of each of their queues, and in general. */
function WhyNot({ one, queues, onClose }: { one: OperatorNow; queues: readonly QueueNow[]; onClose: () => void }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const first = queues.find(({ name, calls }) => one.queues.includes(name) && calls.length > 0);
  const call = first?.calls[0]?.call ?? "";
  const { value, error, again } = useAsked(
    (signal) => api.get<{ why: string; call_waits: string }>(`/api/operators/${encodeURIComponent(one.name)}/why`, { call }, signal), [one.name, call]);
  return (
    <Dialog title={t("why_title", { name: one.display_name || one.name })} onClose={onClose}>
      {first !== undefined && <p className="muted small">{t("why_call", { queue: called.queue(first.name) })}</p>}
      {value === undefined && error === null && <Loading />}
      <ErrorNote error={error} again={again} />
      {value !== undefined && <div lang="en"><p>{shortIds(value.why)}</p>{value.call_waits && <p className="muted">{shortIds(value.call_waits)}</p>}</div>}
    </Dialog>
  );
}

/** A call is known by the first eight signs of its id, as in the table. */
const shortIds = (text: string) => text.replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{22}\b/g, "$1");

export const stateWord = (state: string): Word => `state_${state}` as Word;
