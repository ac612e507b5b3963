import { ErrorNote, Loading, useAsked } from "../base/parts";
import { useWords } from "../base/words";
import { server } from "./server";
import type { DiffRow } from "./types";
import { WORDS } from "./words";

/** What changed between two texts. */
export function Diff({ old, text }: { old: string; text: string }) {
  const { value, error, again } = useAsked(() => server.compare(old, text), [old, text]);
  const t = useWords(WORDS);
  if (error !== null) return <ErrorNote error={error} again={again} />;
  if (value === undefined) return <Loading />;
  if (value.rows.length === 0) return <p className="muted">{t("diff_same")}</p>;
  return (
    <div className="diff" role="region" aria-label={t("diff_label")} tabIndex={0}>
      <table><tbody>{value.rows.map((row, number) => <Line key={number} row={row} />)}</tbody></table>
    </div>
  );
}

const SIGNS = { same: "", in: "+", out: "−", gap: "" };

function Line({ row }: { row: DiffRow }) {
  const t = useWords(WORDS);
  if (row.kind === "gap") return <tr className="gap"><td colSpan={4}>{t("diff_gap")}</td></tr>;
  return (
    <tr className={row.kind}>
      <td className="number">{row.old > 0 && row.old}</td>
      <td className="number">{row.new > 0 && row.new}</td>
      <td className="sign"><span aria-hidden="true">{SIGNS[row.kind]}</span>
        {row.kind !== "same" && <span className="hidden">{t(row.kind === "in" ? "line_added" : "line_removed")}</span>}</td>
      <td><code>{row.text}</code></td>
    </tr>
  );
}
