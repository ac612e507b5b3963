import { useState } from "react";
import { Dialog, ErrorNote, Field, Loading, useAsked } from "../base/parts";
import { useWords } from "../base/words";
import { Diff } from "./diff";
import { Findings } from "./findings";
import { nameOf } from "./names";
import { server } from "./server";
import type { Published } from "./types";
import type { Texts } from "./use_texts";
import { WORDS } from "./words";

interface PublishProps {
  texts: Texts;
  onClose: () => void;
  onGo: (file: string, line: number, column?: number) => void;
  onPublished: (done: Published, since: number) => void;
  onRefused: () => void;
}

/** What will change, whether it is right, and why: then it is written. */
export function PublishDialog({ texts, onClose, onGo, onPublished, onRefused }: PublishProps) {
  const t = useWords(WORDS);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { drafts } = texts;
  const files = Object.keys(drafts);
  const checked = useAsked(() => server.check(drafts, ""), [drafts]);
  const tested = useAsked(() => server.test(drafts, ""), [drafts]);
  const stopped = (checked.value?.blocking.length ?? 1) > 0 || files.length === 0;

  async function publish() {
    setBusy(true);
    setError(null);
    const since = Date.now();
    try {
      onPublished(await server.publish(files.map((file) => ({ file, version: texts.madeFrom(file), text: drafts[file]! })), note), since);
    } catch (failed) {
      setError(failed);
      setBusy(false);
      onRefused();
    }
  }

  return (
    <Dialog title={t("publish_title")} onClose={onClose} wide>
      <div className="stack">
        {files.length === 0 && <p className="muted">{t("publish_nothing")}</p>}
        <ErrorNote error={checked.error} again={checked.again} />
        {checked.value === undefined && checked.error === null && <Loading />}
        {checked.value !== undefined && checked.value.blocking.length > 0 && (
          <section className="stack" role="alert">
            <p className="note bad">{t("publish_errors")}</p>
            <Findings checked={{ ...checked.value, findings: checked.value.blocking, more: 0 }} onGo={(...at) => { onClose(); onGo(...at); }} />
          </section>
        )}
        {checked.value !== undefined && checked.value.blocking.length === 0 && checked.value.warnings > 0 && <p className="note warn">{t("publish_warnings")}</p>}
        {tested.value !== undefined && tested.value.failed > 0 && <p className="note warn">{t("publish_tests")}</p>}
        {files.map((file) => (
          <section key={file}>
            <h3>{t("publish_changes", { file: nameOf(file) })}</h3>
            <Diff old={texts.stored[file]?.text ?? ""} text={drafts[file]!} />
          </section>
        ))}
        {!stopped && <Field label={t("note")} hint={t("note_hint")}><input name="note" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} /></Field>}
        <ErrorNote error={error} />
        <p className="muted small">{t("calls_keep")}</p>
        <div className="row">
          <button className="primary" disabled={stopped || busy} onClick={() => void publish()}>{t(busy ? "publishing" : "publish_now")}</button>
        </div>
      </div>
    </Dialog>
  );
}
