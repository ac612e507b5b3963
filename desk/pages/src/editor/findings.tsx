import { Empty } from "../base/parts";
import { useWords } from "../base/words";
import { useFindings } from "./finding_words";
import { nameOf } from "./names";
import type { Checked, Finding } from "./types";
import { WORDS } from "./words";

/** Everything that the check says; each leads to its line. */
export function Findings({ checked, onGo }: { checked: Checked; onGo: (file: string, line: number, column?: number) => void }) {
  const t = useWords(WORDS);
  const sorted = [...checked.findings].sort((a, b) => a.severity.localeCompare(b.severity));
  if (sorted.length === 0) return <Empty>✓ {t("no_findings")}</Empty>;
  return (
    <>
      <p className="muted small">{t("only_errors_stop")}</p>
      <ul className="findings">
        {sorted.map((finding, number) => <li key={number}><One finding={finding} onGo={onGo} /></li>)}
      </ul>
      {checked.more > 0 && <p className="muted">{t("more_findings", { n: checked.more })}</p>}
    </>
  );
}

function One({ finding, onGo }: { finding: Finding; onGo: (file: string, line: number, column?: number) => void }) {
  const t = useWords(WORDS);
  const { file, line, column, severity, message, remedy, code } = finding;
  const general = useFindings()(code);
  return (
    <button className={`finding ${severity}`} onClick={() => onGo(file, line, column)}>
      <span className="spread">
        <span className="mono small">{nameOf(file)}{line > 0 && `:${line}:${column}`}</span>
        <span className={`pill ${severity === "error" ? "bad" : "warn"}`}>{code === "" ? t(`severity_${severity}`) : code}</span>
      </span>
      {general !== "" && <span>{general}</span>}
      <span lang="en" className={general !== "" ? "small" : undefined}>{message}</span>
      {remedy !== "" && <span lang="en" className="muted small">→ {remedy}</span>}
    </button>
  );
}
