import { titleOf } from "../base/titled";
import { duration, useLanguage, useWords } from "../base/words";
import { usePhone } from "../phone/use_phone";
import { WORDS as PHONE } from "../phone/words";
import type { Tried, TryLine } from "./page";
import { Transcript } from "./transcript";
import { WORDS } from "./words";

/** Before a call: which line, and the button. */
export function Begin({ tried, chosen, onChoose, onCall, onSettings }: {
  tried: Tried;
  chosen: TryLine | undefined;
  onChoose: (number: string) => void;
  onCall: (number: string) => void;
  onSettings: () => void;
}) {
  const t = useWords(WORDS);
  const phones = useWords(PHONE);
  const language = useLanguage();
  const named = (codes: readonly string[]) => codes.map((code) => nameOf(code, language)).join(", ");
  return (
    <section className="card begin stack">
      <h1>{t("title")}</h1>
      <p className="muted">{t("about")}</p>
      {!tried.on ? <Without title={t("off")} what={t("off_what")} />
        : chosen === undefined ? <Without title={t("no_lines")} what={t("no_lines_what")} />
        : (
          <>
            <fieldset>
              <legend className="hidden">{t("line")}</legend>
              {tried.lines.map((line) => (
                <label key={line.number} className={`line ${line.number === chosen.number ? "chosen" : ""}`}>
                  <input type="radio" name="line" checked={line.number === chosen.number} onChange={() => onChoose(line.number)} />
                  <span className="grow">
                    <b>{titleOf(line.titles, language, line.number)}</b>
                    <span className="small muted">{t("languages", { list: named(line.languages) })}</span>
                  </span>
                  <span className="figure mono">{line.number}</span>
                </label>
              ))}
            </fieldset>
            <button className="good call" onClick={() => onCall(chosen.number)}>
              <Handset /> {t("call_now", { number: chosen.number })}
            </button>
            <p className="small muted spread"><span>{t("no_microphone")}</span>
              <button className="quiet small" onClick={onSettings}>{phones("settings")}</button></p>
          </>
        )}
    </section>
  );
}

/** After a call: how it ended, what was said, and again. */
export function Ended({ onAgain, onOther, several }: { onAgain: () => void; onOther: () => void; several: boolean }) {
  const t = useWords(WORDS);
  const { phone } = usePhone("try");
  const why = useWhy();
  const last = phone.heard.filter(({ kind }) => kind === "speech").at(-1);
  const byUs = phone.ended?.reason === "hung_up" || phone.ended?.reason === "the page hung up";
  return (
    <section className="card begin stack">
      <h1>{t("ended")}</h1>
      <p role="status">{why} {(phone.ended?.talked_ms ?? 0) > 0 && t("lasted", { time: duration((phone.ended?.talked_ms ?? 0) / 1000) })}</p>
      {!byUs && last !== undefined && <p className="muted">{t("last_said")} <q>{last.text}</q></p>}
      <button className="good call" onClick={onAgain} autoFocus><Handset /> {t("again")}</button>
      {several && <button className="quiet" onClick={onOther}>{t("other_line")}</button>}
      {phone.heard.length > 0 && (
        <details>
          <summary>{t("transcript")}</summary>
          <Transcript lines={phone.heard} live={false} />
        </details>
      )}
    </section>
  );
}

type Why = "why_lost" | "why_rate" | "why_anonymous" | "why_busy" | "why_nobody" | "why_hung_up";
const WHY: Readonly<Record<string, Why>> = {
  lost: "why_lost", rate: "why_rate", too_often: "why_rate", too_many_calls: "why_busy", full: "why_busy",
  not_a_line: "why_nobody", anonymous_calls: "why_anonymous", not_logged_in: "why_anonymous", hung_up: "why_hung_up",
  "the page hung up": "why_hung_up",
};

/** Why the call ended, for people. */
function useWhy(): string {
  const t = useWords(WORDS);
  const { phone } = usePhone("try");
  const { reason = "", status = 0 } = phone.ended ?? {};
  const known = WHY[reason];
  if (known !== undefined) return t(known);
  if (phone.fault !== null && phone.fault.code === reason) return phone.fault.message;
  if (status === 487) return t("why_hung_up");
  if (status === 404) return t("why_nobody");
  if (status === 486 || status === 503) return t("why_busy");
  if (status >= 300) return t("why_refused", { why: reason || String(status) });
  return t("why_other");
}

function Without({ title, what }: { title: string; what: string }) {
  return <div className="note warn"><b>{title}</b><br />{what}</div>;
}

export function Handset({ down = false }: { down?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" className={down ? "down" : undefined}>
      <path fill="none" stroke="currentColor" strokeWidth="4.4" strokeLinecap="round" d="M6.2 6.2Q7 17 17.8 17.8" />
      <path fill="none" stroke="currentColor" strokeWidth="6.2" strokeLinecap="round" d="M6 6.6V8M16 18h1.4" />
    </svg>
  );
}

function nameOf(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
