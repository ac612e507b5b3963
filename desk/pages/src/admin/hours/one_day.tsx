import { useState } from "react";
import { api, asQuery } from "../../base/api";
import { Dialog, ErrorNote, Field, toast } from "../../base/parts";
import { useLocale, useWords } from "../../base/words";
import type { Day } from "./hours_page";
import { useRules } from "./use_rules";
import { WORDS } from "./words";

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d( next day)?|24:00)$/;
type Choice = "closed" | "open" | "rule";

/** Other hours for one day, written into the file of hours. */
export function OneDay({ day, schedule, version, file, onSaved, onClose }:
    { day: Day; schedule: string; version: string; file: string; onSaved: () => void; onClose: () => void }) {
  const t = useWords(WORDS);
  const rules = useRules();
  const language = useLocale();
  const isOwn = day.kind === "date";
  const [choice, setChoice] = useState<Choice>(isOwn && day.open.length > 0 ? "open" : "closed");
  const [hours, setHours] = useState(day.open.map((part) => part.hours).join(", ") || "09:00-18:00");
  const [why, setWhy] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const spans = hours.split(",").map((span) => span.trim()).filter((span) => span !== "");
  const wrong = choice === "open" && (spans.length === 0 || !spans.every((span) => SPAN.test(span)));
  const title = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${day.date}T00:00:00Z`));

  async function save() {
    if (wrong) return;
    setBusy(true);
    setError(null);
    const path = `/api/hours/${encodeURIComponent(schedule)}/days/${day.date}`;
    try {
      if (choice === "rule") await api.delete(`${path}${asQuery({ version })}`);
      else await api.put(path, { spans: choice === "open" ? spans : [], why, version });
      toast(t("saved"));
      onSaved();
    } catch (failed) {
      setError(failed);
    }
    setBusy(false);
  }
  const options: readonly [Choice, string][] = [["closed", t("is_closed")], ["open", t("is_open")], ...(isOwn ? [["rule", t("as_rule")] as [Choice, string]] : [])];
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <p className="muted">{t("now", { hours: day.open.map((part) => rules.hours(part.hours)).join(", ") || t("closed"), rule: rules.rule(day.said, day.why) })} ({t("line", { line: day.line, file })})</p>
        <fieldset className="choices">
          <legend>{t("hours_of")}</legend>
          {options.map(([key, label]) => (
            <label key={key}><input type="radio" name="choice" checked={choice === key} onChange={() => setChoice(key)} />{label}</label>
          ))}
        </fieldset>
        {choice === "open" && (
          <Field label={t("hours_of")} hint={t("hours_hint")} wrong={wrong ? t("bad_hours") : undefined}>
            <input value={hours} aria-invalid={wrong} onChange={(event) => setHours(event.target.value)} name="hours" />
          </Field>
        )}
        {choice !== "rule" && (
          <Field label={t("why")} hint={t("why_hint")}>
            <input value={why} maxLength={100} onChange={(event) => setWhy(event.target.value)} name="why" />
          </Field>
        )}
        <ErrorNote error={error} />
        <div className="row"><button className="primary" disabled={busy || wrong}>{t("save")}</button></div>
      </form>
    </Dialog>
  );
}
