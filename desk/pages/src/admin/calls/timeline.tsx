import { useNames } from "../../base/names";
import { useTitles } from "../../base/titles";
import { useLanguage, useMoments, useWords, words } from "../../base/words";
import { OUTCOMES, type Entry, type HeardWords, type Outcome } from "./calls";
import { detailWords, isRead, labelWords } from "./code_words";
import { ENTRY_WORDS, FAULTS, TALK, WAIT } from "./entry_words";
import { WORDS } from "./words";

/** What happened in a call, in words; of a menu also what it said. */
export function Timeline({ entries, heard }: { entries: Entry[]; heard: HeardWords | undefined }) {
  const { time } = useMoments();
  const t = useWords(WORDS);
  const said = spokenLanguages(entries);
  return (
    <ol className="timeline">
      {entries.map((entry, at) => {
        const spoken = wordsOf(entry, heard, said[at]);
        return (
          <li key={entry.position} className={kindOf(entry.kind)}>
            <time dateTime={entry.at} className="figure muted small">{time(entry.at)}</time>
            <i aria-hidden="true" />
            <div>
              <Said entry={entry} />
              {spoken !== "" && <div className="small"><span className="hidden">{t("said")}: </span><q lang={said[at]}>{spoken}</q></div>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Said({ entry: { kind, details } }: { entry: Entry }) {
  const language = useLanguage();
  const named = { ...useTitles(), operator: useNames() };
  const outcome = useWords(WORDS);
  const said = (name: string) => {
    const value = details[name];
    return (name === "outcome" || name === "ending") && OUTCOMES.some((one) => one === value) ? outcome(value as Outcome) : detailWords(language, name, value, named);
  };
  const known = ENTRY_WORDS[language][kind] ?? words(kind);
  const used = new Set<string>();
  const text = known.replace(/\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    return said(name);
  }).replace(/\[[^\]]*\]/g, (part) => (/: ?\]$|\(\)\]$/.test(part) ? "" : part.slice(1, -1)));
  const rest = Object.entries(details).filter(([name, value]) => !used.has(name) && isRead(name) && value !== false && said(name) !== "" && !repeats(kind, name));
  return (
    <>{text}{rest.length > 0 && <> <span className="muted small">{rest.map(([name]) => `${labelWords(language, name)}: ${said(name)}`).join(", ")}</span></>}</>
  );
}

/** Details that the entries around say already. */
function repeats(kind: string, name: string): boolean {
  return (kind === "stay_ended" && (name === "queue" || name === "operator")) || (kind === "request_opened" && name === "subject");
}

function kindOf(kind: string): string {
  return TALK.has(kind) ? "talk" : WAIT.has(kind) ? "wait" : FAULTS.has(kind) ? "fault" : "";
}

/** The language that the caller had chosen by each entry; undefined: none yet. */
function spokenLanguages(entries: Entry[]): (string | undefined)[] {
  let language: string | undefined;
  return entries.map(({ kind, details }) => {
    if (kind === "language_chosen" && typeof details["language"] === "string") language = details["language"];
    return language;
  });
}

function wordsOf({ kind, details }: Entry, heard: HeardWords | undefined, language: string | undefined): string {
  if (heard === undefined || kind !== "menu_entered") return "";
  const said = heard.menus[String(details["menu"])];
  if (said === undefined) return "";
  return (language === undefined ? undefined : said[language]) ?? Object.values(said).join(" / ");
}
