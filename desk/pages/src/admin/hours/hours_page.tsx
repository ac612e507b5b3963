import { useState } from "react";
import { api, asQuery } from "../../base/api";
import { Empty, ErrorNote, Field, Loading, useAsked } from "../../base/parts";
import { Link, setParam, useRoute } from "../../base/router";
import { useTitles } from "../../base/titles";
import { useLocale, useWords } from "../../base/words";
import { baseName, useIsAdmin, useWall } from "../shared";
import { Months } from "./months";
import { OneDay } from "./one_day";
import type { RuleSaid } from "./rules";
import { useRules } from "./use_rules";
import { WORDS } from "./words";

export interface ScheduleNow {
  name: string;
  zone: string;
  lines: string[];
  queues: string[];
  open: boolean;
  rule: string;
  said: RuleSaid;
  line: number;
  until: string | null;
  today: string;
}

export interface HoursShown {
  file: string | null;
  version: string;
  faults: string[];
  schedules: ScheduleNow[];
  lines_without: string[];
}

export interface Day {
  date: string;
  open: { hours: string; rule: string }[];
  rule: string;
  why: string;
  said: RuleSaid;
  kind: string;
  line: number;
}

export interface Days {
  schedule: string;
  zone: string;
  version: string;
  days: Day[];
}

/** When lines are open: now, this week and in the coming months; and other hours for a single day. */
export function HoursPage() {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked((signal) => api.get<HoursShown>("/api/hours", {}, signal), []);
  const { params } = useRoute();
  const isAdmin = useIsAdmin();
  const chosen = value?.schedules.find(({ name }) => name === params.get("schedule")) ?? value?.schedules.find(({ lines }) => lines.length > 0) ?? value?.schedules[0];
  return (
    <>
      <div className="spread">
        <h1>{t("title")}</h1>
        {isAdmin && value?.file != null && <Link className="button" to={`/admin/menus${asQuery({ file: value.file })}`}>{t("edit")}</Link>}
      </div>
      <ErrorNote error={error} again={again} />
      {value === undefined && error === null && <Loading />}
      {value?.faults.map((fault) => <p key={fault} className="note bad">{t("faults")} {fault}</p>)}
      {value !== undefined && chosen === undefined && <Empty>{t("none")}</Empty>}
      {value !== undefined && chosen !== undefined && (
        <>
          <section className="card stack">
            <Field label={t("schedule")}>
              <select value={chosen.name} onChange={(event) => setParam("schedule", event.target.value)}>
                {value.schedules.map(({ name }) => <option key={name}>{name}</option>)}
              </select>
            </Field>
            <Now schedule={chosen} />
            {value.lines_without.length > 0 && <p className="muted small">{t("always", { lines: value.lines_without.join(", ") })}</p>}
          </section>
          <Calendar key={`${chosen.name} ${value.version}`} schedule={chosen} file={value.file ?? ""} onChanged={again} />
        </>
      )}
    </>
  );
}

function Now({ schedule }: { schedule: ScheduleNow }) {
  const t = useWords(WORDS);
  const wall = useWall();
  const called = useTitles();
  const rules = useRules();
  const { open, rule, said, until, lines, queues, zone } = schedule;
  return (
    <div className="stack">
      <div className="row">
        <span className={`pill ${open ? "good" : "warn"}`}>{t(open ? "open" : "shut")}</span>
        {until !== null && <span>{t("until", { time: wall(until, zone) })}</span>}
        <span className="muted">{t("rule", { rule: rules.reason(said, rule) })}</span>
      </div>
      <p className="muted small">
        {lines.length > 0 ? t("of_lines", { lines: lines.join(", ") }) : t("of_nobody")}
        {queues.length > 0 && ` · ${t("of_queues", { queues: queues.map(called.queue).join(", ") })}`} · {t("zone", { zone })}
      </p>
    </div>
  );
}

const AHEAD = 100;      // days at one time

function Calendar({ schedule, file, onChanged }: { schedule: ScheduleNow; file: string; onChanged: () => void }) {
  const t = useWords(WORDS);
  const isAdmin = useIsAdmin();
  const [from, setFrom] = useState(0);
  const [edited, setEdited] = useState<Day | null>(null);
  const first = monthBegin(schedule.today, from);
  const path = `/api/hours/${encodeURIComponent(schedule.name)}/days`;
  const week = useAsked((signal) => api.get<Days>(path, { count: 7 }, signal), []);
  const months = useAsked((signal) => api.get<Days>(path, { first, count: AHEAD }, signal), [first]);
  const edit = isAdmin ? setEdited : undefined;
  function saved() {
    setEdited(null);
    week.again();
    months.again();
    onChanged();
  }
  return (
    <>
      <section className="card">
        <h2>{t("week")}</h2>
        <ErrorNote error={week.error ?? months.error} again={() => { week.again(); months.again(); }} />
        <Week days={week.value?.days ?? []} today={schedule.today} onEdit={edit} />
      </section>
      <section className="card">
        <div className="spread">
          <h2>{t("months")}</h2>
          <span className="row">
            <button className="small" onClick={() => setFrom(from - 3)}>{t("sooner")}</button>
            <button className="small" onClick={() => setFrom(from + 3)}>{t("later")}</button>
          </span>
        </div>
        {months.value === undefined ? <Loading /> : <Months days={months.value.days} today={schedule.today} onEdit={edit} />}
      </section>
      {edited !== null && (
        <OneDay day={edited} schedule={schedule.name} version={months.value?.version ?? week.value?.version ?? ""} file={baseName(file)}
                onSaved={saved} onClose={() => setEdited(null)} />
      )}
    </>
  );
}

function Week({ days, today, onEdit }: { days: Day[]; today: string; onEdit: ((day: Day) => void) | undefined }) {
  const t = useWords(WORDS);
  const rules = useRules();
  const say = new Intl.DateTimeFormat(useLocale(), { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  return (
    <div className="week">
      {days.map((day) => {
        const name = say.format(new Date(`${day.date}T00:00:00Z`));
        const hours = day.open.map((part) => rules.hours(part.hours)).join(", ") || t("closed");
        return (
          <div key={day.date}>
            {onEdit === undefined ? <span>{name}</span>
              : <button className={day.date === today ? "small primary" : "small"} onClick={() => onEdit(day)}>{name}<span className="hidden">: {hours}</span></button>}
            <span className="row"><strong className="figure">{hours}</strong><span className="muted small">{rules.rule(day.said, day.why)}</span></span>
          </div>
        );
      })}
    </div>
  );
}

/** The first day of the month so many months after that of `today`. */
export function monthBegin(today: string, months: number): string {
  const [year = 2026, month = 1] = today.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}
