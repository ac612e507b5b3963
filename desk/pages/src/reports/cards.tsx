import { useMemo, type ReactNode } from "react";
import { Empty } from "../base/parts";
import { useWords } from "../base/words";
import type { Behind, Figure, Group, Reports } from "./asked";
import { useFormulas } from "./formulas";
import { Chart, piled, type Series } from "./chart";
import { useNames, useShortDay, written } from "./shown";
import { WORDS } from "./words";

export type Open = (behind: Behind, what: string) => void;
interface CardProps { told: Reports; open: Open }

const figureOf = (told: Reports, name: string): Figure => told.figures.find((one) => one.name === name)!;
const total = (told: Reports) => told.reports.day.total;
const none = (groups: readonly Group[], count: string) => !groups.some(({ counts }) => (counts[count] ?? 0) > 0);

/** A heading, the figure itself, its formula, a chart, and the same as a table. */
function Card({ title, figure, formula, children, table }:
    { title: string; figure?: ReactNode; formula?: string | undefined; children: ReactNode; table?: ReactNode }) {
  const t = useWords(WORDS);
  const formulas = useFormulas();
  return (
    <section className="card report" aria-label={title}>
      <div className="spread"><h2>{title}</h2>{figure !== undefined && <span className="big figure">{figure}</span>}</div>
      {formula !== undefined && <p className="muted small">{t("formula")}: <code>{formulas(formula)}</code></p>}
      {children}
      {table !== undefined && <details><summary>{t("as_table")}</summary><div className="scroll">{table}</div></details>}
    </section>
  );
}

/** A number that opens its calls. */
export function Opens({ number, behind, what, open, children }:
    { number: number; behind: Omit<Behind, "number">; what: string; open: Open; children?: ReactNode }) {
  if (number === 0) return <>{children ?? 0}</>;
  return <button className="opens figure" onClick={() => open({ ...behind, number }, what)}>{children ?? number}</button>;
}

export function ServiceLevel({ told, open }: CardProps) {
  const t = useWords(WORDS);
  const formulas = useFormulas();
  const name = useNames(told.figures);
  const strict = figureOf(told, "service_level");
  const { groups } = told.reports.day;
  const series = useMemo<Series[]>(() => [{
    label: name("service_level"), colour: "--accent", kind: groups.length > 1 ? "line" : "bars", percent: true,
    values: groups.map(({ values }) => values["service_level"] ?? null) }], [groups]);
  const short = useShortDay();
  const labels = useMemo(() => groups.map(({ key }) => short(key)), [groups]);
  function pick(index: number) {
    const group = groups[index];
    if (group !== undefined) open({ count: "offered", by: "day", group: group.key, number: group.counts["offered"] ?? 0 }, `${name("offered")}, ${group.key}`);
  }
  return (
    <Card title={t("c_level")} figure={written(strict, total(told).values["service_level"])} formula={strict.formula}
          table={<Shares told={told} groups={groups} by="day" figure={strict} part="answered_in_time" whole="offered" open={open} />}>
      {none(groups, "offered") ? <Empty>{t("nothing")}</Empty> : <Chart labels={labels} series={series} label={t("c_level")} onPick={pick} top={1} />}
      <p className="muted small">{t("other_levels")}</p>
      <ul className="plain small">
        {["service_level_answered", "service_level_2"].map((each) => {
          const other = figureOf(told, each);
          return <li key={each}>{name(each)}: <strong>{written(other, total(told).values[each])}</strong> <code>{formulas(other.formula)}</code></li>;
        })}
      </ul>
    </Card>
  );
}

function Shares({ told, groups, by, figure, part, whole, open }:
    CardProps & { groups: readonly Group[]; by: "day"; figure: Figure; part: string; whole: string }) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  return (
    <table>
      <thead><tr><th scope="col">{t("by_day")}</th><th scope="col">{name(figure.name)}</th><th scope="col">{name(part)}</th><th scope="col">{name(whole)}</th></tr></thead>
      <tbody>
        {groups.map((group) => (
          <tr key={group.key}>
            <th scope="row">{group.key}</th><td>{written(figure, group.values[figure.name])}</td>
            {[part, whole].map((count) => (
              <td key={count}><Opens number={group.counts[count] ?? 0} behind={{ count, by, group: group.key }} what={`${name(count)}, ${group.key}`} open={open} /></td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Volume({ told, open }: CardProps) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  const { groups } = told.reports.hour;
  const labels = useMemo(() => Array.from({ length: 24 }, (_one, hour) => `${String(hour).padStart(2, "0")}:00`), []);
  const hours = useMemo(() => labels.map((key) => groups.find((group) => group.key === key)), [groups, labels]);
  const series = useMemo(() => piled([
    { label: name("answered"), colour: "--accent", kind: "bars", values: hours.map((hour) => hour?.counts["visits_answered"] ?? 0) },
    { label: name("visits"), colour: "--line-strong", kind: "bars", values: hours.map((hour) => (hour?.counts["visits"] ?? 0) - (hour?.counts["visits_answered"] ?? 0)) }]), [hours]);
  function pick(index: number) {
    const group = hours[index];
    if (group !== undefined) open({ count: "visits", by: "hour", group: group.key, number: group.counts["visits"] ?? 0 }, `${name("visits")}, ${group.key}`);
  }
  return (
    <Card title={t("c_volume")} figure={total(told).counts["visits"] ?? 0} formula={figureOf(told, "visits").formula}
          table={(
            <table>
              <thead><tr><th scope="col">{t("by_hour")}</th>{["visits", "visits_answered", "visits_abandoned"].map((count) => <th scope="col" key={count}>{name(count)}</th>)}</tr></thead>
              <tbody>{groups.map((group) => (
                <tr key={group.key}><th scope="row">{group.key}</th>
                  {["visits", "visits_answered", "visits_abandoned"].map((count) => (
                    <td key={count}><Opens number={group.counts[count] ?? 0} behind={{ count, by: "hour", group: group.key }} what={`${name(count)}, ${group.key}`} open={open} /></td>))}
                </tr>))}</tbody>
            </table>)}>
      <Legend items={[["accent", name("visits_answered")], ["rest", t("w_other")]]} />
      {none(groups, "visits") ? <Empty>{t("nothing")}</Empty> : <Chart labels={labels} series={series} label={t("c_volume")} onPick={pick} />}
    </Card>
  );
}

const ENDINGS = [["answered", "--accent"], ["abandoned", "--bad"], ["other", "--line-strong"]] as const;

export function Waits({ told, open }: CardProps) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  const { waits } = told;
  const called = (index: number) => {
    const bar = waits[index]!;
    return bar.to_s === null ? t("from_on", { from: bar.from_s }) : t("from_to", { from: bar.from_s, to: bar.to_s });
  };
  const labels = useMemo(() => waits.map(({ from_s, to_s }) => (to_s === null ? `${from_s}+` : `${from_s}–${to_s}`)), [waits]);
  const series = useMemo(() => piled(ENDINGS.map(([ending, colour]) => ({
    label: ending, colour, kind: "bars", values: waits.map((bar) => bar[ending]) }))), [waits]);
  const behind = (index: number, count: string) => ({ count, by: "queue" as const, group: "", wait: [waits[index]!.from_s, waits[index]!.to_s] as [number, number | null] });
  function pick(index: number) {
    const bar = waits[index]!;
    const number = bar.answered + bar.abandoned + bar.other;
    if (number > 0) open({ ...behind(index, "offered"), number }, `${t("waited")} ${called(index)}`);
  }
  const speed = figureOf(told, "speed_of_answer");
  return (
    <Card title={t("c_waits")} figure={written(speed, total(told).values["speed_of_answer"])} formula={speed.formula}
          table={(
            <table>
              <thead><tr><th scope="col">{t("waited")}</th><th scope="col">{t("w_answered")}</th><th scope="col">{t("w_abandoned")}</th><th scope="col">{t("w_other")}</th></tr></thead>
              <tbody>{waits.map((bar, index) => (
                <tr key={bar.from_s}><th scope="row">{called(index)}</th>
                  {(["answered", "abandoned"] as const).map((count) => (
                    <td key={count}><Opens number={bar[count]} behind={behind(index, count)} what={`${name(count)}, ${called(index)}`} open={open} /></td>))}
                  <td>{bar.other}</td></tr>))}</tbody>
            </table>)}>
      <Legend items={[["accent", t("w_answered")], ["bad", t("w_abandoned")], ["rest", t("w_other")]]} />
      {none([total(told) as Group], "offered") ? <Empty>{t("nothing")}</Empty> : <Chart labels={labels} series={series} label={t("c_waits")} onPick={pick} />}
    </Card>
  );
}

export function Satisfaction({ told, open }: CardProps) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  const formulas = useFormulas();
  const figure = figureOf(told, "satisfaction");
  const { groups } = told.reports.day;
  const short = useShortDay();
  const labels = useMemo(() => groups.map(({ key }) => short(key)), [groups]);
  const series = useMemo<Series[]>(() => [
    { label: name("satisfaction"), colour: "--good", kind: "line", percent: true, values: groups.map(({ values }) => values["satisfaction"] ?? null) },
    { label: name("response"), colour: "--line-strong", kind: "line", percent: true, values: groups.map(({ values }) => values["response"] ?? null) }], [groups]);
  function pick(index: number) {
    const group = groups[index];
    const number = group?.counts["marks"] ?? 0;
    if (group !== undefined && number > 0) open({ count: "marks", by: "day", group: group.key, number }, `${name("marks")}, ${group.key}`);
  }
  const { values } = total(told);
  return (
    <Card title={t("c_satisfaction")} figure={written(figure, values["satisfaction"])} formula={figure.formula}
          table={<Shares told={told} groups={groups} by="day" figure={figure} part="content" whole="marks" open={open} />}>
      {(total(told).counts["asked"] ?? 0) > 0 && <p className="small">{t("response", { share: written(figureOf(told, "response"), values["response"]) })} <code className="muted">{formulas(figureOf(told, "response").formula)}</code></p>}
      {!none(groups, "asked") && <Legend items={[["good", name("satisfaction")], ["rest", name("response")]]} />}
      {none(groups, "asked") ? <Empty>{t("nobody_asked")}</Empty> : <Chart labels={labels} series={series} label={t("c_satisfaction")} onPick={pick} top={1} />}
    </Card>
  );
}

function Legend({ items }: { items: readonly (readonly [string, string])[] }) {
  return <ul className="legend small">{items.map(([colour, text]) => <li key={text}><span className={`swatch ${colour}`} />{text}</li>)}</ul>;
}
