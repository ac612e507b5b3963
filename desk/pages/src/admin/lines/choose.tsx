import { Field } from "../../base/parts";
import { useLanguage, useWords } from "../../base/words";
import { Recorder } from "../prompts/recorder";
import type { Kind, LinesNow, Sayable } from "./lines";
import { WORDS, type LineWord } from "./words";

/** What somebody has chosen so far. `line`: a number, or "all"; `lasts`: hours, "stay" or "time". */
export interface Draft {
  kind: Kind;
  own: boolean;
  texts: Record<string, string>;
  /** In place of a text, by language: what was recorded or chosen here. */
  sounds: Record<string, Blob>;
  prompt: string;
  line: string;
  lasts: string;
  time: string;
}

const LONGEST = 1000;       // characters, as the server takes them
const HOURS = ["1", "2", "8", "24"];

export function wrongIn(draft: Draft, known: LinesNow): LineWord | null {
  if (draft.own && known.languages.some((one) => (draft.texts[one] ?? "").trim() === "" && draft.sounds[one] === undefined)) return "no_texts";
  if (!draft.own && draft.prompt === "") return "no_prompt";
  if (draft.line === "") return "no_lines";
  if (draft.lasts === "time" && !(new Date(draft.time).getTime() > Date.now())) return "bad_time";
  return null;
}

/** When it ends by itself, as the server takes it; null: it does not. */
export function momentOf(draft: Draft): string | null {
  if (draft.lasts === "stay") return null;
  const at = draft.lasts === "time" ? new Date(draft.time) : new Date(Date.now() + Number(draft.lasts) * 3_600_000);
  return at.toISOString();
}

/** The first step. */
export function Choose({ draft, known, onChange, onDone, busy }:
    { draft: Draft; known: LinesNow; onChange: (draft: Draft) => void; onDone: () => void; busy: boolean }) {
  const t = useWords(WORDS);
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); onDone(); }}>
      <fieldset className="choices">
        <legend>{t("what")}</legend>
        <label><input type="radio" name="own" checked={draft.own} onChange={() => set({ own: true })} />{t("own_text")}</label>
        <label><input type="radio" name="own" checked={!draft.own} onChange={() => set({ own: false })} />{t("ready")}</label>
      </fieldset>
      {draft.own ? <Texts draft={draft} known={known} onChange={onChange} /> : <Ready draft={draft} known={known} onChange={onChange} />}
      {known.lines.length > 1 && (
        <Field label={t("which")}>
          <select value={draft.line} onChange={(event) => set({ line: event.target.value })}>
            <option value="all">{t("every_line")}</option>
            {known.lines.map(({ line, numbers }) => <option key={line} value={line}>{numbers.join(", ")}</option>)}
          </select>
        </Field>
      )}
      <div className="grid">
        <Field label={t("until")}>
          <select value={draft.lasts} onChange={(event) => set({ lasts: event.target.value })}>
            {HOURS.map((hours) => <option key={hours} value={hours}>{t("for_hours", { n: Number(hours) })}</option>)}
            <option value="time">{t("until_time")}</option>
            <option value="stay">{t("until_taken")}</option>
          </select>
        </Field>
        {draft.lasts === "time" && (
          <Field label={t("time")}>
            <input type="datetime-local" value={draft.time} required onChange={(event) => set({ time: event.target.value })} />
          </Field>
        )}
      </div>
      <div className="row"><button className="primary" disabled={busy}>{t("go_on")}</button></div>
    </form>
  );
}

function Texts({ draft, known, onChange }: { draft: Draft; known: LinesNow; onChange: (draft: Draft) => void }) {
  const t = useWords(WORDS);
  const named = useLanguageNames();
  return (
    <div className="grid">
      {known.languages.map((language) => (
        <div key={language} className="stack">
          <Field label={t("text_in", { language: named(language) })} hint={t("text_hint")}
                 wrong={known.engines[language] === true ? undefined : t("no_engine", { language: named(language) })}>
            <textarea lang={language} maxLength={LONGEST} value={draft.texts[language] ?? ""} name={`text-${language}`}
                      disabled={draft.sounds[language] !== undefined}
                      onChange={(event) => onChange({ ...draft, texts: { ...draft.texts, [language]: event.target.value } })} />
          </Field>
          <Sound sound={draft.sounds[language]} language={named(language)} onChange={(sound) => {
            const { [language]: _, ...others } = draft.sounds;
            onChange({ ...draft, sounds: sound === undefined ? others : { ...others, [language]: sound } });
          }} />
        </div>
      ))}
    </div>
  );
}

/** A recording in place of a text. */
function Sound({ sound, language, onChange }: { sound: Blob | undefined; language: string; onChange: (sound: Blob | undefined) => void }) {
  const t = useWords(WORDS);
  if (sound !== undefined)
    return <div className="row"><span className="pill good">{t("recorded")}</span><button type="button" className="small" onClick={() => onChange(undefined)}>{t("no_sound")}</button></div>;
  return (
    <details className="small">
      <summary>{t("record_instead")}<span className="hidden"> {language}</span></summary>
      <div className="stack">
        <Recorder onTaken={onChange} busy={false} />
        <Field label={t("file")}><input type="file" accept="audio/*,.wav,.mp3,.ogg,.flac" onChange={({ target }) => onChange(target.files?.[0])} /></Field>
      </div>
    </details>
  );
}

function Ready({ draft, known, onChange }: { draft: Draft; known: LinesNow; onChange: (draft: Draft) => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const names = shared(known, draft.line);
  const words = ({ texts }: Sayable) => texts[language] ?? Object.values(texts)[0] ?? "";
  return (
    <Field label={t("ready")}>
      <select value={draft.prompt} onChange={(event) => onChange({ ...draft, prompt: event.target.value })}>
        <option value="" />
        {Object.entries(names).map(([name, said]) => <option key={name} value={name}>{`${name}: ${words(said).slice(0, 80)}`}</option>)}
      </select>
    </Field>
  );
}

/** Prompts that all the lines meant can say. */
function shared(known: LinesNow, line: string): Record<string, Sayable> {
  const meant = known.lines.filter((one) => line === "all" || one.line === line);
  const [first, ...others] = meant;
  return Object.fromEntries(Object.entries(first?.prompts ?? {}).filter(([name]) => others.every((one) => name in one.prompts)));
}

export function useLanguageNames(): (code: string) => string {
  const language = useLanguage();
  return (code) => {
    try {
      return new Intl.DisplayNames(language, { type: "language" }).of(code) ?? code;
    } catch {
      return code;
    }
  };
}
