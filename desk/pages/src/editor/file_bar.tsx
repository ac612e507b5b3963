import { useState } from "react";
import { Dialog } from "../base/parts";
import { useMoments, useWords } from "../base/words";
import { Diff } from "./diff";
import { nameOf } from "./names";
import type { MenuFile } from "./types";
import type { Check } from "./use_check";
import type { Texts } from "./use_texts";
import { WORDS } from "./words";

interface FileBarProps {
  files: readonly MenuFile[];
  chosen: MenuFile;
  texts: Texts;
  check: Check;
  onChoose: (file: string) => void;
  onPublish: () => void;
  onRefresh: () => void;
}

/** Which file, how it stands, and what can be done with it. */
export function FileBar({ files, chosen, texts, check, onChoose, onPublish, onRefresh }: FileBarProps) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const stored = texts.stored[chosen.file];
  const drafts = Object.keys(texts.drafts);
  const here = texts.drafts[chosen.file] !== undefined;
  const about = [
    chosen.lines.length > 0 ? t("of_lines", { n: chosen.lines.length, lines: chosen.lines.join(", ") }) : "",
    stored?.changed_at ? t("changed_by", { when: moments.both(stored.changed_at), who: stored.author }) : t("new_file"),
  ].filter((part) => part !== "").join(" · ");
  return (
    <>
      <div className="file-bar">
        <label className="row"><span className="hidden">{t("file")}</span>
          <select value={chosen.file} onChange={(event) => onChoose(event.target.value)}>
            {files.map(({ file, exists }) => <option key={file} value={file}>{nameOf(file)}{texts.drafts[file] !== undefined ? " ●" : ""}{exists ? "" : ` (${t("new_file")})`}</option>)}
          </select>
        </label>
        <span className="muted small grow">{about}</span>
        <State check={check} />
        {drafts.length > 0 && <span className="pill accent">{t("unsaved_files", { n: drafts.length })}</span>}
        {here && <button className="small quiet" onClick={() => { if (confirm(t("discard_ask", { file: nameOf(chosen.file) }))) texts.discard(chosen.file); }}>{t("discard")}</button>}
        <button onClick={check.now} title="Ctrl-S">{t("check")}</button>
        <button className="primary" onClick={onPublish} disabled={drafts.length === 0} title="Ctrl-Enter">{t("publish")}</button>
      </div>
      {!texts.kept && <p className="note warn">{t("not_kept")}</p>}
      {texts.behind.includes(chosen.file) && <Behind file={chosen.file} texts={texts} onRefresh={onRefresh} />}
    </>
  );
}

function State({ check }: { check: Check }) {
  const t = useWords(WORDS);
  const { checked, running } = check;
  return (
    <span role="status" className="row state">
      {running && <span className="muted small">{t("checking")}</span>}
      {checked !== null && checked.errors > 0 && <span className="pill bad">{t("errors", { n: checked.errors })}</span>}
      {checked !== null && checked.warnings > 0 && <span className="pill warn">{t("warnings", { n: checked.warnings })}</span>}
      {checked !== null && checked.errors + checked.warnings === 0 && <span className="pill good">{t("all_well")}</span>}
    </span>
  );
}

/** Somebody else published while this text was written. */
function Behind({ file, texts, onRefresh }: { file: string; texts: Texts; onRefresh: () => void }) {
  const t = useWords(WORDS);
  const [comparing, setComparing] = useState(false);
  const theirs = texts.stored[file];
  const mine = texts.drafts[file];
  if (theirs === undefined || mine === undefined) return null;
  return (
    <div className="note warn spread" role="alert">
      <span>{t("behind", { file: nameOf(file), who: theirs.author })}</span>
      <span className="row">
        <button className="small" onClick={() => { onRefresh(); setComparing(true); }}>{t("compare")}</button>
        <button className="small" onClick={() => texts.keepMine(file)}>{t("keep_mine")}</button>
        <button className="small" onClick={() => texts.discard(file)}>{t("take_theirs")}</button>
      </span>
      {comparing && <Dialog title={t("compare")} onClose={() => setComparing(false)} wide><Diff old={theirs.text} text={mine} /></Dialog>}
    </div>
  );
}
