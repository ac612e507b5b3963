import { Field } from "../base/parts";
import { useLanguage, useWords, words } from "../base/words";
import type { Values } from "./request";
import { titleOf, topicTitle } from "./titles";
import type { FieldOf, Topics } from "./types";
import { WORDS } from "./words";

/** Topic, outcome and the fields of the queue. `lacks`: what is marked as needed, by name; "" is the topic. */
export function RequestFields({ topics, queue, values, change, lacks }:
    { topics: Topics; queue: string; values: Values; change: (changed: Partial<Values>) => void; lacks: ReadonlySet<string> }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const wrong = (name: string) => (lacks.has(name) ? t("needed") : undefined);
  return (
    <div className="desk-fields">
      <Field label={t("topic")} wrong={wrong("")}>
        {Object.keys(topics.topics).length === 0
          ? <input value={values.topic} maxLength={100} name="topic" onChange={(event) => change({ topic: event.target.value })} />
          : (
            <select name="topic" value={values.topic} aria-invalid={lacks.has("")} onChange={(event) => change({ topic: event.target.value })}>
              <option value="">{t("choose")}</option>
              {Object.keys(topics.topics).map((path) => <option key={path} value={path}>{topicTitle(topics, path, language)}</option>)}
            </select>
          )}
      </Field>
      <Field label={t("outcome")}>
        <select name="result" value={values.result} onChange={(event) => change({ result: event.target.value })}>
          <option value="">{t("choose")}</option>
          {Object.entries(topics.outcomes).map(([name, titles]) => <option key={name} value={name}>{titleOf(titles, language, words(name))}</option>)}
        </select>
      </Field>
      {(topics.fields[queue] ?? []).map((field) => (
        <RequestField key={field.name} field={field} value={values.filled[field.name] ?? ""} wrong={wrong(field.name)}
                      onChange={(value) => change({ filled: { [field.name]: value } })} />
      ))}
    </div>
  );
}

/** One field of the queue's requests, as its type asks. */
function RequestField({ field, value, wrong, onChange }:
    { field: FieldOf; value: string; wrong?: string; onChange: (value: string) => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const label = titleOf(field.titles, language, words(field.name)) + (field.required ? " *" : "");
  const shared = { name: `field-${field.name}`, value, "aria-invalid": wrong !== undefined };
  if (field.type === "choice" || field.type === "yes_no") {
    const options = field.type === "yes_no" ? ["yes", "no"] : field.options;
    return (
      <Field label={label} wrong={wrong}>
        <select {...shared} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t("choose")}</option>
          {options.map((option) => <option key={option} value={option}>{field.type === "yes_no" ? t(option as "yes" | "no") : words(option)}</option>)}
        </select>
      </Field>
    );
  }
  return (
    <Field label={label} wrong={wrong} hint={field.length > 0 ? t("n_digits", { n: field.length }) : undefined}>
      <input {...shared} type={field.type === "date" ? "date" : "text"} inputMode={field.type === "digits" ? "numeric" : field.type === "number" ? "decimal" : undefined}
             maxLength={field.length > 0 ? field.length : 500} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
