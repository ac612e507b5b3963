import { api } from "../../base/api";
import type { QueueNow } from "../../base/live";
import { useNames } from "../../base/names";
import { Clock, Empty, ErrorNote, Loading, useAsked } from "../../base/parts";
import { useTitles } from "../../base/titles";
import { useWords } from "../../base/words";
import { useEvery } from "../shared";
import { WORDS as ADMIN } from "../words";
import { Settings, type Configured } from "./settings";
import { WORDS } from "./words";

const LOOK_EVERY = 3000;        // ms

/** Every queue: how it stands, who serves it, and what config.yaml says of it. */
export function QueuesPage() {
  const t = useWords(WORDS);
  const admin = useWords(ADMIN);
  const { value, error, again } = useAsked((signal) => api.get<Configured>("/api/configured", {}, signal), []);
  const called = useTitles();
  const named = useNames();
  const now = useEvery<{ queues: QueueNow[] }>("/api/queues", LOOK_EVERY);
  return (
    <>
      <h1>{admin("queues")}</h1>
      <p className="note">{admin("restart")}</p>
      <ErrorNote error={error ?? now.error} again={() => { again(); now.again(); }} />
      {value === undefined && error === null && <Loading />}
      {value?.queues.length === 0 && <Empty>{t("no_queues")}</Empty>}
      <div className="grid queue-cards">{value?.queues.map((queue) => (
        <section key={queue.name} className="card stack" aria-label={queue.name}>
          <div className="spread"><h2>{called.queue(queue.name)}</h2>{called.queue(queue.name) !== queue.name && <span className="muted mono small">{queue.name}</span>}</div>
          <State shown={now.value?.queues.find(({ name }) => name === queue.name)} at={now.at} />
          <p className="small">
            <span className="muted">{t("members")}: </span>{queue.operators.map(named).join(", ") || t("none")}
            {queue.tiers.map((tier) => <span key={tier.join()}> · <span className="muted">{t("help_later")}:</span> {tier.map(named).join(", ")}</span>)}
          </p>
          <Settings settings={queue.settings} of={queue.name} />
        </section>
      ))}</div>
    </>
  );
}

function State({ shown, at }: { shown: QueueNow | undefined; at: number }) {
  const t = useWords(WORDS);
  if (shown === undefined) return null;
  return (
    <>
      {shown.operators_in_service === 0 && <p className="note warn">{t("nobody")}</p>}
      <dl className="pairs">
        <dt>{t("waiting")}</dt><dd className="figure">{shown.waiting}</dd>
        {shown.waiting > 0 && <><dt>{t("longest")}</dt><dd><Clock seconds={shown.longest_wait} at={at} /></dd></>}
        <dt>{t("ready")}</dt><dd className="figure">{shown.operators_idle} / {shown.operators_in_service}</dd>
        <dt>{t("since_start")}</dt>
        <dd className="figure">{t("offered")} {shown.offered} · {t("answered")} {shown.answered} · {t("abandoned")} {shown.abandoned} · {t("overflow")} {shown.overflow}</dd>
      </dl>
    </>
  );
}
