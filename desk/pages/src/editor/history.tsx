import { useState } from "react";
import { Dialog, Empty, ErrorNote, Field, Loading, useAsked } from "../base/parts";
import { useMoments, useWords } from "../base/words";
import { Diff } from "./diff";
import { server } from "./server";
import type { MenuText, Published, VersionShown } from "./types";
import { WORDS, type Word } from "./words";

interface HistoryProps {
  /** As it is stored now. */
  now: MenuText;
  hasDraft: boolean;
  onPublished: (done: Published, since: number) => void;
}

/** The versions of a file; each can be compared with what is now, and brought back. */
export function History({ now, hasDraft, onPublished }: HistoryProps) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const { value, error, again } = useAsked((signal) => server.history(now.file, signal), [now.file, now.version]);
  const [shown, setShown] = useState<VersionShown | null>(null);
  if (value === undefined) return error === null ? <Loading /> : <ErrorNote error={error} again={again} />;
  if (value.length === 0) return <Empty>{t("history_none")}</Empty>;
  return (
    <>
      <ErrorNote error={error} again={again} />
      <div className="scroll">
        <table className="history folds">
          <thead><tr><th>{t("since")}</th><th>{t("by")}</th><th>{t("version")}</th><th>{t("state")}</th><th><span className="hidden">{t("show_diff")}</span></th></tr></thead>
          <tbody>
            {value.map((one) => (
              <tr key={`${one.version} ${one.at}`}>
                <td className="when">{moments.both(one.at)}</td>
                <td data-name={t("by")}>{one.author}{one.note !== "" && <div className="muted small">{one.note}</div>}</td>
                <td className="mono small" title={one.version} data-name={t("version")}>{one.version.slice(0, 8)}</td>
                <td data-name={t("state")}>{one.now ? <span className="pill good">{t("now")}</span> : t(`state_${one.state}` as Word)}</td>
                <td className="right">{!one.now && <button className="small" onClick={() => setShown(one)}>{t("show_diff")}</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown !== null && <RollBack now={now} version={shown} hasDraft={hasDraft} onClose={() => setShown(null)}
                                   onPublished={(done, since) => { setShown(null); onPublished(done, since); again(); }} />}
    </>
  );
}

function RollBack({ now, version, hasDraft, onClose, onPublished }:
    { now: MenuText; version: VersionShown; hasDraft: boolean; onClose: () => void; onPublished: HistoryProps["onPublished"] }) {
  const t = useWords(WORDS);
  const moments = useMoments();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const old = useAsked(() => server.oldText(now.file, version.version), [now.file, version.version]);

  async function bringBack() {
    setBusy(true);
    setFailed(null);
    const since = Date.now();
    try {
      onPublished(await server.rollBack(now.file, version.version, now.version, note), since);
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={t("roll_back_title", { when: moments.both(version.at) })} onClose={onClose} wide>
      <div className="stack">
        <ErrorNote error={old.error} again={old.again} />
        <p>{t("roll_back_what")}</p>
        {old.value !== undefined && <Diff old={now.text} text={old.value.text} />}
        {hasDraft && <p className="note warn">{t("roll_back_unsaved")}</p>}
        <Field label={t("note")} hint={t("note_hint")}><input name="note" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} /></Field>
        <ErrorNote error={failed} />
        <div className="row"><button className="primary" disabled={busy || old.value === undefined} onClick={() => void bringBack()}>{t(busy ? "publishing" : "roll_back")}</button></div>
      </div>
    </Dialog>
  );
}
