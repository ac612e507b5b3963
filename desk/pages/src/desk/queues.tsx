import { useBoard } from "../base/live";
import { Clock } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { WORDS } from "./words";

/** The queues that I serve: who waits, for how long, and how many of us are there. */
export function MyQueues({ names }: { names: string[] }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const board = useBoard();
  const found = board?.value.queues.filter(({ name }) => names.includes(name)) ?? [];
  if (names.length === 0) return <section className="card"><h2>{t("my_queues")}</h2><p className="empty">{t("no_queues")}</p></section>;
  return (
    <section className="card" aria-label={t("my_queues")}>
      <h2>{t("my_queues")}</h2>
      <ul className="desk-queues">
        <li className="desk-queue-heads muted" aria-hidden="true">
          <span /><span>{t("free_short")}</span><span>{t("waiting")}</span><span>{t("longest_short")}</span>
        </li>
        {found.map((queue) => (
          <li key={queue.name} className={queue.waiting > 0 ? "waits" : undefined}>
            <span>{called.queue(queue.name)}</span>
            <span className="small muted figure" title={t("in_service")}>
              <span className="hidden">{t("in_service")}: </span>{queue.operators_idle}/{queue.operators_in_service}
            </span>
            <span className="figure desk-waiting" title={t("waiting")}>
              <span className="hidden">{t("waiting")}: </span>{queue.waiting}
            </span>
            <span className="figure muted desk-longest">
              {queue.waiting > 0 && board !== undefined ? <Clock seconds={queue.longest_wait} at={board.at} /> : "–"}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
