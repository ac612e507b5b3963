import { Tabs } from "../base/parts";
import { setParam } from "../base/router";
import { useWords } from "../base/words";
import { DIMENSIONS, jsonPath, tablePath, type Asked, type Dimension, type Figure, type Numbers, type Reports } from "./asked";
import { Opens, type Open } from "./cards";
import { useFormulas } from "./formulas";
import { openedBy, useGroups, useNames, written } from "./shown";
import { WORDS, type Word } from "./words";

const ALWAYS = new Set(["visits", "offered", "answered", "abandoned", "service_level"]);

/** Every figure, parted by whatever is chosen; each with its formula, and its calls at a click. */
export function Table({ told, asked, by, open }: { told: Reports; asked: Asked; by: Dimension; open: Open }) {
  const t = useWords(WORDS);
  const name = useNames(told.figures);
  const formulas = useFormulas();
  const called = useGroups(by);
  const report = told.reports[by];
  const figures = report.figures.map((each) => told.figures.find((figure) => figure.name === each)!).filter((figure) => says(figure, [...report.groups, report.total]));
  return (
    <section className="card" aria-label={t("figures")}>
      <div className="spread">
        <h2>{t("figures")}</h2>
        <span className="row small">{t("save_as")}
          <a className="button small" href={tablePath(asked, by)} download>{t("csv")}</a>
          <a className="button small" href={jsonPath(asked, by)} download={`hotline-${by}-${asked.from}.json`}>{t("json")}</a>
        </span>
      </div>
      <Tabs<Dimension> label={t("by")} panel="figures-by" chosen={by} onChoose={(each) => setParam("by", each)}
                       tabs={DIMENSIONS.map((key) => ({ key, label: t(`by_${key}` as Word) }))} />
      <div id="figures-by" role="tabpanel" className="scroll wide-table" tabIndex={0} aria-label={t(`by_${by}` as Word)}>
        <table>
          <thead>
            <tr><th scope="col">{t(`by_${by}` as Word)}</th>
              {figures.map((figure) => <th scope="col" key={figure.name}>{name(figure.name)}<code className="under">{formulas(figure.formula)}</code></th>)}</tr>
          </thead>
          <tbody>
            {report.groups.map((group) => (
              <Row key={group.key} title={called(group.key)} group={group.key} numbers={group} figures={figures} by={by} open={open} name={name} />
            ))}
            <Row title={t("all_row")} group="" numbers={report.total} figures={figures} by={by} open={open} name={name} />
          </tbody>
        </table>
      </div>
      {report.left_out > 0 && <p className="muted small">{t("left_out", { n: report.left_out })}</p>}
    </section>
  );
}

function Row({ title, group, numbers, figures, by, open, name }:
    { title: string; group: string; numbers: Numbers; figures: readonly Figure[]; by: Dimension; open: Open; name: (of: string) => string }) {
  return (
    <tr data-group={group}>
      <th scope="row">{title}</th>
      {figures.map((figure) => {
        const count = openedBy(figure, numbers);
        const text = written(figure, numbers.values[figure.name]);
        if (count === undefined) return <td key={figure.name}>{text}</td>;
        return (
          <td key={figure.name} data-figure={figure.name}>
            <Opens number={numbers.counts[count] ?? 0} behind={{ count, by, group }} what={`${name(count)}${group === "" ? "" : `, ${title}`}`} open={open}>{text}</Opens>
          </td>
        );
      })}
    </tr>
  );
}

/** A column of nothing but zeros and dashes says nothing, but for those that everybody looks for. */
function says(figure: Figure, rows: readonly Numbers[]): boolean {
  return ALWAYS.has(figure.name) || rows.some(({ values }) => (values[figure.name] ?? 0) !== 0);
}
