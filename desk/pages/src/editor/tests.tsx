import { useState } from "react";
import { Empty, ErrorNote } from "../base/parts";
import { useWords } from "../base/words";
import { nameOf } from "./names";
import { server } from "./server";
import type { Drafts, Tested, TestedFile } from "./types";
import { WORDS } from "./words";

type Go = (file: string, line: number, column?: number) => void;

/** The dialogues beside the menus, played to the drafts. */
export function Tests({ drafts, example, onGo }: { drafts: Drafts; example: string; onGo: Go }) {
  const t = useWords(WORDS);
  const [tested, setTested] = useState<Tested | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function run() {
    setBusy(true);
    try {
      setTested(await server.test(drafts, ""));
      setError(null);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div className="stack">
      <div className="row">
        <button className="primary" disabled={busy} onClick={() => void run()}>{t(busy ? "checking" : "run_tests")}</button>
        <span className="muted small">{t("tests_hint")}</span>
      </div>
      <ErrorNote error={error} />
      <div role="status" className="row">
        {tested !== null && tested.passed > 0 && <span className="pill good">{t("tests_passed", { n: tested.passed })}</span>}
        {tested !== null && tested.failed > 0 && <span className="pill bad">{t("tests_failed", { n: tested.failed })}</span>}
      </div>
      {tested?.faults.map((fault, number) => (
        <button key={number} className="finding error" onClick={() => onGo(fault.file, fault.line, fault.column)}>
          <span className="mono small">{nameOf(fault.file)}:{fault.line}:{fault.column}</span><span>{fault.message}</span>
          {fault.remedy !== "" && <span className="muted small">→ {fault.remedy}</span>}
        </button>
      ))}
      {tested !== null && tested.files.length === 0 && tested.faults.length === 0 && <Empty>{t("tests_none", { file: example })}</Empty>}
      {tested?.files.map((file) => <OfFile key={file.file} file={file} onGo={onGo} />)}
    </div>
  );
}

function OfFile({ file, onGo }: { file: TestedFile; onGo: Go }) {
  const t = useWords(WORDS);
  const missed = file.branches.filter(({ visited }) => !visited);
  return (
    <section>
      <h2 className="spread"><span>{nameOf(file.file)}</span>
        <span className="muted small">{t("tests_ways", { visited: file.branches.length - missed.length, all: file.branches.length })}</span></h2>
      <ul className="tests">
        {file.dialogues.map((one) => (
          <li key={`${one.dialogue} ${one.on}`}>
            <button className="quiet test" onClick={() => onGo(file.file, one.line)}><span className={one.passed ? "good" : "bad"} aria-hidden="true">{one.passed ? "✓" : "✗"}</span>
              <span className="hidden">{t(one.passed ? "tests_passed" : "tests_failed", { n: 1 })}</span>{one.dialogue}{one.on === "text" && <span className="muted small"> · {t("tests_on_text")}</span>}</button>
            {one.failures.map((failure, number) => (
              <button key={number} className="finding error" onClick={() => onGo(file.file, failure.line, failure.column)}>{failure.message}</button>
            ))}
            {one.story.length > 0 && <details><summary>{t("as_it_went")}</summary><pre tabIndex={0}>{one.story.join("\n")}</pre></details>}
          </li>
        ))}
      </ul>
      {missed.length > 0 && (
        <details><summary>{t("tests_missed")} ({missed.length})</summary>
          <ul className="tests">{missed.map(({ file: path, menu, way, line }) => (
            <li key={`${menu} ${way}`}><button className="quiet test" onClick={() => onGo(path, line)}>{menu} · {way}</button></li>
          ))}</ul>
        </details>
      )}
    </section>
  );
}
