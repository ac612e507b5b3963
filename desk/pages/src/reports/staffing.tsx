import { useMemo, useState } from "react";
import { api } from "../base/api";
import { Empty, ErrorNote, Field, Loading, useAsked } from "../base/parts";
import { useWords } from "../base/words";
import { mean, percent } from "../supervisor/figures";
import type { Asked } from "./asked";
import { Chart, type Series } from "./chart";
import { useFormulas } from "./formulas";
import { WORDS } from "./words";

interface Needed { time: string; calls: number; operators: number | null; rostered: number | null; level: number | null; occupancy: number | null }
interface Staffing { handle_time: number | null; patience: number | null; formula: string; words: string; intervals: Needed[] }

/** How many operators the traffic of this time takes, by half hours of a mean day. */
export function Needs({ asked, threshold }: { asked: Asked; threshold: number }) {
  const t = useWords(WORDS);
  const formulas = useFormulas();
  const [level, setLevel] = useState(80);
  const [shrinkage, setShrinkage] = useState(30);
  const query = { from: asked.from, to: asked.to, queue: asked.queue, level: level / 100, shrinkage: shrinkage / 100, threshold };
  const { value: told, error, again } = useAsked((signal) => api.get<Staffing>("/api/reports/staffing", query, signal), [JSON.stringify(query)]);
  const series = useMemo<Series[]>(() => [{ label: t("s_at_places"), colour: "--accent", kind: "bars", values: (told?.intervals ?? []).map(({ operators }) => operators) }], [told, t]);
  const labels = useMemo(() => (told?.intervals ?? []).map(({ time }) => time), [told]);
  return (
    <section className="card report" aria-label={t("c_staffing")}>
      <h2>{t("c_staffing")}</h2>
      <p className="muted small">{t("s_hint")}</p>
      <div className="row staffing">
        <Field label={t("s_level")}><Share name="level" value={level} least={1} most={99} onChange={setLevel} /></Field>
        <Field label={t("s_shrinkage")}><Share name="shrinkage" value={shrinkage} least={0} most={90} onChange={setShrinkage} /></Field>
      </div>
      <ErrorNote error={error} again={again} />
      {told === undefined ? error === null && <Loading /> : told.intervals.length === 0 ? <Empty>{t("nothing")}</Empty> : (
        <>
          <p className="small">{t("s_work", { work: mean(told.handle_time), patience: told.patience === null ? t("s_ever") : mean(told.patience) })}</p>
          <p className="muted small">{t("formula")}: <code>{formulas(told.formula)}</code></p>
          <Chart labels={labels} series={series} label={t("c_staffing")} />
          <details>
            <summary>{t("as_table")}</summary>
            <p className="muted small"><code>{formulas(told.words)}</code></p>
            <div className="scroll"><Rows rows={told.intervals} /></div>
          </details>
        </>
      )}
    </section>
  );
}

function Rows({ rows }: { rows: readonly Needed[] }) {
  const t = useWords(WORDS);
  return (
    <table>
      <thead>
        <tr><th scope="col">{t("s_half_hour")}</th><th scope="col">{t("s_calls")}</th><th scope="col">{t("s_at_places")}</th><th scope="col">{t("s_rostered")}</th>
          <th scope="col">{t("c_level")}</th><th scope="col">{t("s_occupancy")}</th></tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.time}><th scope="row">{row.time}</th><td>{row.calls}</td><td>{row.operators ?? "–"}</td><td>{row.rostered ?? "–"}</td>
            <td>{percent(row.level)}</td><td>{percent(row.occupancy)}</td></tr>
        ))}
      </tbody>
    </table>
  );
}

/** Asked anew when the field is left, not at each key. */
function Share({ name, value, least, most, onChange }: { name: string; value: number; least: number; most: number; onChange: (value: number) => void }) {
  return (
    <input type="number" name={name} min={least} max={most} defaultValue={value}
           onBlur={({ target }) => { if (target.value !== "" && target.checkValidity()) onChange(Number(target.value)); }} />
  );
}
