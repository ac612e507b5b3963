import { useState } from "react";
import { api, asQuery } from "../../base/api";
import { Dialog, ErrorNote, Field, toast } from "../../base/parts";
import { Link } from "../../base/router";
import { useMoments, useWords } from "../../base/words";
import { overWork, Player, soundOf, useIsAdmin, type Piece } from "../shared";
import type { Prompt } from "./prompts";
import { Recorder } from "./recorder";
import { WORDS } from "./words";

/** One sound: heard, and given another take. */
export function OnePrompt({ prompt, speaks, onChanged, onClose }:
    { prompt: Prompt; speaks: boolean; onChanged: () => void; onClose: () => void }) {
  const t = useWords(WORDS);
  const isAdmin = useIsAdmin();
  const [mark, setMark] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState("");
  const { clip, text, language, there, used, uses, findings, made_by } = prompt;

  async function act(doing: string, done: string, work: () => Promise<unknown>) {
    setError(null);
    setBusy(doing);
    try {
      await work();
      toast(done);
      setMark(Date.now());
      onChanged();
    } catch (failed) {
      setError(failed);
    }
    setBusy("");
  }
  const bring = (sound: Blob) => act(t("sending"), t("sent"), () => api.put(`/api/prompts/audio${asQuery({ clip })}`, sound));
  const speak = () => act(t("rendering", { done: 0, total: 1 }), t("rendered"), async () =>
    overWork(await api.post<Piece<unknown>>("/api/prompts/render", { clips: [clip], over: made_by !== "engine" && there }), () => undefined));
  return (
    <Dialog title={clip} onClose={onClose} wide>
      <div className="stack">
        {text === "" ? <p className="muted">{t("no_text")}</p> : <p className="said" lang={language}>{text}</p>}
        {there && <Player key={mark} src={soundOf(clip, "", mark)} label={clip} />}
        {findings.map(({ code, severity, message, remedy }) => (
          <p key={code} className={`note ${severity === "error" ? "bad" : "warn"}`}>{message}. {remedy}.</p>
        ))}
        {uses.length > 0 && (
          <ul className="small">
            {uses.map(({ file, path, line, menu }) => (
              <li key={`${path} ${line} ${menu}`}>
                {isAdmin ? <Link to={`/admin/menus${asQuery({ file: path, line })}`}>{t("at_line", { file, line })}</Link> : t("at_line", { file, line })} {menu === "" ? t("announcement") : menu}
              </li>
            ))}
          </ul>
        )}
        {isAdmin && used && (
          <div className="grid">
            <Field label={t("upload")} hint={t("upload_hint")}>
              <input type="file" accept="audio/*,.wav,.mp3,.ogg,.flac" disabled={busy !== ""}
                     onChange={({ target }) => { const file = target.files?.[0]; if (file !== undefined) void bring(file); target.value = ""; }} />
            </Field>
            <Recorder onTaken={(sound) => void bring(sound)} busy={busy !== ""} />
            <div className="field">
              <span>{t("render")}</span>
              <div className="row"><button onClick={() => void speak()} disabled={busy !== "" || !speaks || text.trim() === ""}>{t("render")}</button></div>
              {!speaks && <span className="hint">{t("no_engine")}</span>}
              {speaks && there && made_by !== "engine" && <span className="hint">{t("over")}</span>}
            </div>
            {there && (made_by === "unknown" || findings.some(({ code }) => code === "prompt-retold")) && (
              <div className="field">
                <span>{t("keep")}</span>
                <div className="row"><button disabled={busy !== ""} onClick={() => void act("", t("kept"), () => api.post("/api/prompts/keep", { clip }))}>{t("keep")}</button></div>
                <span className="hint">{t("keep_hint")}</span>
              </div>
            )}
          </div>
        )}
        {isAdmin && !used && there && (
          <div className="row">
            <button className="bad" disabled={busy !== ""}
                    onClick={() => void act("", t("removed"), async () => { await api.delete(`/api/prompts${asQuery({ clip })}`); onClose(); })}>{t("remove")}</button>
          </div>
        )}
        <div role="status" className="muted">{busy}</div>
        <ErrorNote error={error} />
        <Takes prompt={prompt} busy={busy !== ""} onRestore={(take) => void act("", t("restored"), () => api.post("/api/prompts/restore", { clip, take }))} />
      </div>
    </Dialog>
  );
}

function Takes({ prompt, busy, onRestore }: { prompt: Prompt; busy: boolean; onRestore: (take: string) => void }) {
  const t = useWords(WORDS);
  const { both } = useMoments();
  const isAdmin = useIsAdmin();
  if (prompt.takes.length === 0) return null;
  return (
    <section className="stack">
      <h3>{t("takes")}</h3>
      {prompt.takes.map((take) => {
        const said = both(momentOf(take));
        return (
          <div key={take} className="row">
            <span className="figure">{said}</span>
            <Player src={soundOf(prompt.clip, take)} label={said} />
            {isAdmin && <button className="small" disabled={busy} onClick={() => onRestore(take)}>{t("restore")}</button>}
          </div>
        );
      })}
    </section>
  );
}

/** 2026-11-20T12-00-00.2 → 2026-11-20T12:00:00, in the time of the server's machine as far as that is this one's. */
function momentOf(take: string): string {
  const [day = "", time = ""] = take.split("T", 2);
  return `${day}T${(time.split(".", 1)[0] ?? "").replaceAll("-", ":")}`;
}
