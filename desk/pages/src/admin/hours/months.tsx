import { useLocale, useWords } from "../../base/words";
import type { Day } from "./hours_page";
import { useRules } from "./use_rules";
import { WORDS } from "./words";

const SHOWN = 3;        // months

/** Months with a button for each day: what is out of the ordinary stands out. */
export function Months({ days, today, onEdit }: { days: Day[]; today: string; onEdit: ((day: Day) => void) | undefined }) {
  const language = useLocale();
  const months = new Map<string, Day[]>();
  for (const day of days) {
    const month = day.date.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  const title = new Intl.DateTimeFormat(language, { month: "long", year: "numeric", timeZone: "UTC" });
  return (
    <div className="months">
      {[...months].slice(0, SHOWN).map(([month, its]) => (
        <section key={month} className="stack">
          <h3>{title.format(new Date(`${month}-01T00:00:00Z`))}</h3>
          <Month days={its} today={today} onEdit={onEdit} />
        </section>
      ))}
    </div>
  );
}

function Month({ days, today, onEdit }: { days: Day[]; today: string; onEdit: ((day: Day) => void) | undefined }) {
  const language = useLocale();
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const before = days[0] === undefined ? 0 : (new Date(`${days[0].date}T00:00:00Z`).getUTCDay() + 6) % 7;
  return (
    <div className="month">
      {Array.from({ length: 7 }, (_, at) => <span key={at}>{weekday.format(new Date(Date.UTC(2026, 5, 1 + at)))}</span>)}
      {Array.from({ length: before }, (_, at) => <span key={`before ${at}`} />)}
      {days.map((day) => <OfMonth key={day.date} day={day} today={today} onEdit={onEdit} />)}
    </div>
  );
}

function OfMonth({ day, today, onEdit }: { day: Day; today: string; onEdit: ((day: Day) => void) | undefined }) {
  const t = useWords(WORDS);
  const language = useLocale();
  const say = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" });
  const rules = useRules();
  const hours = day.open.map((part) => rules.hours(part.hours)).join(", ") || t("closed");
  const why = rules.rule(day.said, day.why);
  const kinds = [day.open.length === 0 && "shut", day.kind !== "week" && "other", day.date === today && "today"].filter((one) => one !== false);
  return (
    <button className={kinds.join(" ")} title={`${hours}: ${why}`} disabled={onEdit === undefined} onClick={() => onEdit?.(day)}>
      <span>{Number(day.date.slice(8))}</span>
      <span className="hidden">{say.format(new Date(`${day.date}T00:00:00Z`))}: {hours}, {why}</span>
      <small aria-hidden="true">{day.open.length === 0 ? "–" : day.open.map(({ hours: its }) => short(its)).join(" ")}</small>
    </button>
  );
}

/** 09:00-18:00 → 9–18 */
function short(hours: string): string {
  return hours.split("-").map((time) => time.replace(/^0(?=\d)/, "").replace(":00", "")).join("–");
}
