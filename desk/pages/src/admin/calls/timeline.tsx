import { useTitles } from "../../base/titles";
import { useLanguage, useMoments, useWords } from "../../base/words";
import { ENDERS, OUTCOMES, type Entry, type HeardWords, type Outcome } from "./calls";
import { ENTRY_WORDS, FAULTS, TALK, WAIT } from "./entry_words";
import { WORDS, type CallWord } from "./words";

/** What happened in a call, in words; of a menu also what it said. */
export function Timeline({ entries, heard }: { entries: Entry[]; heard: HeardWords | undefined }) {
  const { time } = useMoments();
  const t = useWords(WORDS);
  const said = spokenLanguages(entries);
  return (
    <ol className="timeline">
      {entries.map((entry, at) => {
        const words = wordsOf(entry, heard, said[at]);
        return (
          <li key={entry.position} className={kindOf(entry.kind)}>
            <time dateTime={entry.at} className="figure muted small">{time(entry.at)}</time>
            <i aria-hidden="true" />
            <div>
              <Said entry={entry} />
              {words !== "" && <div className="small"><span className="hidden">{t("said")}: </span><q lang={said[at]}>{words}</q></div>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Said({ entry }: { entry: Entry }) {
  const language = useLanguage();
  const said = useSaid();
  const known = ENTRY_WORDS[language][entry.kind];
  if (known === undefined) return <><span className="mono">{entry.kind}</span> <Details details={entry.details} /></>;
  const used = new Set<string>();
  const text = known.replace(/\{(\w+)\}/g, (_, name: string) => {
    used.add(name);
    return said(name, shown(entry.details[name]));
  }).replace(/\[[^\]]*\]/g, (part) => (/: ?\]$|\(\)\]$/.test(part) ? "" : part.slice(1, -1)));
  return <>{text} <Details details={Object.fromEntries(Object.entries(entry.details).filter(([name]) => !used.has(name)))} /></>;
}

/** A detail as people call it: queues and menus by their titles, an outcome and who ended it in words. */
function useSaid(): (name: string, value: string) => string {
  const t = useWords(WORDS);
  const called = useTitles();
  return (name, value) => {
    if (name === "queue") return called.queue(value);
    if (name === "menu") return called.menu(value);
    if (name === "outcome" && OUTCOMES.includes(value as Outcome)) return t(value as Outcome);
    return name === "by" && ENDERS.has(value) ? t(`by_${value}` as CallWord) : value;
  };
}

/** What no sentence has a place for. */
function Details({ details }: { details: Record<string, unknown> }) {
  const given = Object.entries(details).filter(([, value]) => value !== "" && value !== null && value !== false);
  if (given.length === 0) return null;
  return <span className="muted small">{given.map(([name, value]) => `${name.replaceAll("_", " ")}: ${shown(value)}`).join(", ")}</span>;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
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
