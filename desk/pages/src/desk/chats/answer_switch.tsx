import type { OperatorNow } from "../../base/live";
import { ErrorNote } from "../../base/parts";
import { useWords } from "../../base/words";
import type { useAnswering } from "./answering";
import { WORDS } from "./words";

/** Whether chats come to this desk, and how many there are of how many. */
export function AnswerSwitch({ operator, answering }: { operator: OperatorNow; answering: ReturnType<typeof useAnswering> }) {
  const t = useWords(WORDS);
  const { on, may, choose, error } = answering;
  if (!may) return null;
  const shown = operator.chats_reachable ? t("answering", { n: operator.chats, most: operator.chats_most })
    : t(on ? "answering_soon" : "not_answering");
  return (
    <section className="card desk-answering" aria-label={t("answer_chats")}>
      <label className="tick">
        <input type="checkbox" role="switch" name="answer_chats" checked={on} onChange={(event) => choose(event.target.checked)} />
        <b>{t("answer_chats")}</b>
      </label>
      <p className="small muted" role="status">{shown}</p>
      <ErrorNote error={on ? error : null} />
    </section>
  );
}
