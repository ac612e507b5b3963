import { Empty } from "../base/parts";
import { useWords } from "../base/words";
import type { Behind, Reports } from "./asked";
import { Opens, type Open } from "./cards";
import { useGroups, useNames } from "./shown";
import { WORDS } from "./words";

const MOST = 12;
const OUTCOMES = ["answered", "self_served", "abandoned", "transferred", "overflow", "callback", "voicemail", "closed", "refused", "failed"];

interface Row { name: string; number: number; behind: Omit<Behind, "number"> }

/** What callers called about, the most frequent first. */
export function Topics({ told, open }: { told: Reports; open: Open }) {
  const t = useWords(WORDS);
  const called = useGroups("topic");
  const rows = told.reports.topic.groups
    .map((group): Row => ({ name: called(group.key), number: group.counts["visits"] ?? 0, behind: { count: "visits", by: "topic", group: group.key } }))
    .sort((a, b) => b.number - a.number).slice(0, MOST);
  return <Bars title={t("c_topics")} rows={rows} open={open} />;
}

/** How calls ended: every call has exactly one outcome. */
export function Outcomes({ told, open }: { told: Reports; open: Open }) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  const { counts } = told.reports.day.total;
  const rows = OUTCOMES.map((one) => `visits_${one}`)
    .map((count): Row => ({ name: name(count), number: counts[count] ?? 0, behind: { count, by: "day", group: "" } })).filter(({ number }) => number > 0);
  return <Bars title={t("c_outcomes")} rows={rows} open={open} />;
}

/** A table whose figures are also bars: `meter` draws them without a style that the page's policy would refuse. */
function Bars({ title, rows, open }: { title: string; rows: readonly Row[]; open: Open }) {
  const t = useWords(WORDS);
  const most = Math.max(1, ...rows.map(({ number }) => number));
  return (
    <section className="card report" aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 ? <Empty>{t("nothing")}</Empty> : (
        <table className="bars">
          <thead className="hidden"><tr><th scope="col">{title}</th><th scope="col">{t("table")}</th><th scope="col">{t("figures")}</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                <td className="bar" aria-hidden="true"><svg viewBox="0 0 100 10" preserveAspectRatio="none"><rect width={(100 * row.number) / most} height="10" /></svg></td>
                <td className="right"><Opens number={row.number} behind={row.behind} what={row.name} open={open} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
