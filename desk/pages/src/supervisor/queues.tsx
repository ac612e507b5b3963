import { useChannels } from "../base/channels";
import type { QueueNow, WaitingCall } from "../base/live";
import { Clock, Empty } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { mean, percent, type QueueFigures } from "./figures";
import { WORDS } from "./words";

interface QueuesProps { queues: readonly QueueNow[]; figures: readonly QueueFigures[]; at: number; names: (operator: string) => string }

/** Each queue in a row, and under it who waits in it; `at`: when the seconds were true. */
export function Queues({ queues, figures, at, names }: QueuesProps) {
  const t = useWords(WORDS);
  return (
    <section className="card" aria-labelledby="queues">
      <h2 id="queues" tabIndex={-1}>{t("queues")}</h2>
      {queues.length === 0 ? <Empty>{t("no_queues")}</Empty> : (
        <div className="scroll" role="group" aria-labelledby="queues" tabIndex={0}>
          <table className="queues folds">
            <thead>
              <tr><th scope="col">{t("queue")}</th><th scope="col">{t("waiting")}</th><th scope="col">{t("longest_wait")}</th><th scope="col">{t("free")}</th>
                <th scope="col">{t("service_level")}</th><th scope="col">{t("offered")}</th><th scope="col">{t("answered")}</th>
                <th scope="col">{t("abandoned")}</th><th scope="col">{t("speed_of_answer")}</th></tr>
            </thead>
            {queues.map((queue) => (
              <OneQueue key={queue.name} queue={queue} at={at} names={names} figures={figures.find(({ name }) => name === queue.name)} />
            ))}
          </table>
        </div>
      )}
    </section>
  );
}

function OneQueue({ queue, figures, at, names }:
    { queue: QueueNow; figures: QueueFigures | undefined; at: number; names: (operator: string) => string }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const late = figures !== undefined && queue.waiting > 0 && queue.longest_wait > figures.target_s;
  const today = figures?.today ?? null;
  return (
    <tbody data-queue={queue.name} className={late ? "late" : undefined}>
      <tr>
        <th scope="row">{called.queue(queue.name)}</th>
        <td data-name={t("waiting")}><span className={`pill ${queue.waiting === 0 ? "" : late ? "bad" : "warn"}`}>{queue.waiting}</span>
          {queue.chats_waiting > 0 && <span className="under" data-figure="chats_waiting">{t("chats_of_them", { n: queue.chats_waiting })}</span>}
          {queue.callbacks > 0 && <span className="under">{t("to_be_called_back", { n: queue.callbacks })}</span>}</td>
        <td data-name={t("longest_wait")}>{queue.waiting > 0 ? <Clock seconds={queue.longest_wait} at={at} /> : "–"}
          {late && <span className="under bad-text">{t("over_target", { s: figures.target_s })}</span>}</td>
        <td data-name={t("free")}>{queue.operators_idle} <span className="muted small">{t("of_n", { n: queue.operators_in_service })}</span></td>
        <td data-name={t("service_level")}>{percent(today?.service_level)} {figures !== undefined && <span className="muted small">{t("within", { s: figures.target_s })}</span>}</td>
        <td data-name={t("offered")}>{today?.offered ?? "–"}</td>
        <td data-name={t("answered")}>{today?.answered ?? "–"}</td>
        <td data-name={t("abandoned")}>{today?.abandoned ?? "–"}</td>
        <td data-name={t("speed_of_answer")}>{mean(today?.speed_of_answer)}</td>
      </tr>
      {queue.calls.length > 0 && (
        <tr className="callers">
          <td colSpan={9}>
            <ol aria-label={`${t("waiting")}: ${called.queue(queue.name)}`}>
              {queue.calls.map((call) => <li key={call.call}><Caller call={call} at={at} names={names} /></li>)}
            </ol>
            {queue.calls.length < queue.waiting && <p className="small muted">{t("first_shown", { n: queue.calls.length, all: queue.waiting })}</p>}
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** Place, wait, by which way, language, priority, and whose phone rings. */
function Caller({ call, at, names }: { call: WaitingCall; at: number; names: (operator: string) => string }) {
  const t = useWords(WORDS);
  const channel = useChannels();
  return (
    <span className={`caller ${call.operator === null ? "" : "rings"}`}>
      <span className="place"><span className="hidden">{t("place")} </span>{call.place}</span>
      <span className="hidden">{t("wait")} </span><Clock seconds={call.wait_time} at={at} />
      {call.channel !== "voice" && <span data-channel={call.channel}>{channel(call.channel)}</span>}
      {call.language !== "" && <span className="muted"><span className="hidden">{t("language")} </span>{call.language}</span>}
      {call.priority !== 0 && <span title={t("priority")}><span className="hidden">{t("priority")} </span>+{call.priority}</span>}
      {call.virtual && <span className="muted">{t("called_back")}</span>}
      {call.operator !== null && <span>{t("rings_at")} {names(call.operator)}</span>}
    </span>
  );
}
