import { useState } from "react";
import { api } from "../../base/api";
import { ErrorNote, toast } from "../../base/parts";
import { useWords } from "../../base/words";
import { overWork, useWall, type Piece } from "../shared";
import { Choose, momentOf, wrongIn, type Draft } from "./choose";
import { order, type LinesNow, type Sayable } from "./lines";
import { Said } from "./lines_page";
import { WORDS } from "./words";

const EMPTY: Draft = { kind: "announcement", own: true, texts: {}, sounds: {}, prompt: "", line: "all", lasts: "2", time: "" };

interface Ready {
  prompt: string;
  said: Sayable;
  until: string | null;
}

/** Two steps: what and where; then exactly what callers will hear, and the button. */
export function Emergency({ known, onGiven }: { known: LinesNow; onGiven: () => void }) {
  const t = useWords(WORDS);
  const [draft, setDraft] = useState<Draft>(() => ({ ...EMPTY, line: known.lines.length === 1 ? known.lines[0]!.line : "all",
    own: known.languages.every((one) => known.engines[one] === true) }));
  const [ready, setReady] = useState<Ready | null>(null);
  const [open, setOpen] = useState<Draft["kind"] | null>(null);
  const [busy, setBusy] = useState<"" | "speaking" | "taking">("");
  const [error, setError] = useState<unknown>(null);

  async function prepare() {
    const wrong = wrongIn(draft, known);
    if (wrong !== null) {
      setError(new Error(t(wrong)));
      return;
    }
    setError(null);
    setBusy("speaking");
    try {
      setReady({ ...await made(draft, known), until: momentOf(draft) });
    } catch (failed) {
      setError(failed);
    }
    setBusy("");
  }
  async function give(of: Ready) {
    setError(null);
    setBusy("taking");
    try {
      await order({ kind: draft.kind, line: draft.line, prompt: of.prompt, until: of.until });
      toast(t(draft.kind === "closure" ? "done_close" : "done_announce"));
      setReady(null);
      setOpen(null);
      onGiven();
    } catch (failed) {
      setError(failed);
    }
    setBusy("");
  }
  function begin(kind: Draft["kind"]) {
    setDraft({ ...draft, kind });
    setReady(null);
    setError(null);
    setOpen(kind);
  }
  return (
    <section className="card stack emergency" aria-label={t("emergency")}>
      <div>
        <h2>{t("emergency")}</h2>
        <p className="muted small">{t("emergency_about")}</p>
      </div>
      <div className="row">
        <button className={open === "announcement" ? "primary" : ""} aria-pressed={open === "announcement"} onClick={() => begin("announcement")}>{t("announce")}</button>
        <button className={open === "closure" ? "bad" : ""} aria-pressed={open === "closure"} onClick={() => begin("closure")}>{t("close")}</button>
        {open !== null && <span className="muted small">{t(open === "closure" ? "close_about" : "announce_about")}</span>}
      </div>
      {open !== null && (
        <>
          <ol className="steps">
            <li aria-current={ready === null ? "step" : undefined}>{t("step_write")}</li>
            <li aria-current={ready === null ? undefined : "step"}>{t("step_check")}</li>
          </ol>
          {ready === null
            ? <Choose draft={draft} known={known} onChange={setDraft} onDone={() => void prepare()} busy={busy !== ""} />
            : <Check draft={draft} ready={ready} known={known} busy={busy !== ""} onBack={() => setReady(null)} onGive={() => void give(ready)} />}
          <div role="status" className="muted">{busy === "" ? "" : t(busy)}</div>
          <ErrorNote error={error} />
        </>
      )}
    </section>
  );
}

function Check({ draft, ready, known, busy, onBack, onGive }:
    { draft: Draft; ready: Ready; known: LinesNow; busy: boolean; onBack: () => void; onGive: () => void }) {
  const t = useWords(WORDS);
  const wall = useWall();
  const lines = draft.line === "all" ? (known.lines.length > 1 ? t("all_lines") : t("line_name", { line: known.lines[0]?.line ?? "" }))
    : t("line_name", { line: draft.line });
  return (
    <div className="stack">
      <h3>{t("check")}</h3>
      <p>{t(draft.kind === "closure" ? "will_close" : "will_announce", { lines })}</p>
      <Said said={ready.said} />
      <p>{ready.until === null ? t("will_stay") : t("will_end", { time: wall(ready.until) })}</p>
      <div className="row">
        <button className={draft.kind === "closure" ? "bad" : "primary"} onClick={onGive} disabled={busy} autoFocus>
          {t(draft.kind === "closure" ? "do_close" : "do_announce")}
        </button>
        <button onClick={onBack} disabled={busy}>{t("again_text")}</button>
      </div>
    </div>
  );
}

/** The prompt that callers will hear: a ready one, or the text, spoken. */
async function made(draft: Draft, known: LinesNow): Promise<{ prompt: string; said: Sayable }> {
  if (!draft.own) {
    const line = known.lines.find((one) => draft.line === "all" || one.line === draft.line);
    return { prompt: draft.prompt, said: line?.prompts[draft.prompt] ?? { texts: {}, clips: {} } };
  }
  const { sounds: recorded } = draft;
  const texts = Object.fromEntries(known.languages.map((language) => [language, recorded[language] === undefined ? (draft.texts[language] ?? "").trim() : ""]));
  const sounds: Record<string, string> = {};
  for (const [language, sound] of Object.entries(recorded))
    sounds[language] = (await api.put<{ sound: string }>("/api/notices/sound", sound)).sound;
  const begun = await api.post<Piece<{ prompt: string; clips: Record<string, string> }>>("/api/notices", { texts, sounds });
  const { prompt, clips } = await overWork(begun, () => undefined);
  return { prompt, said: { texts, clips } };
}
