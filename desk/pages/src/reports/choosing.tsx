import { CHANNELS, useChannels } from "../base/channels";
import { setParam } from "../base/router";
import { navigate } from "../base/router";
import { Field } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { asQuery } from "../base/api";
import { day, queryOf, type Asked } from "./asked";
import { WORDS, type Word } from "./words";

const PERIODS: readonly (readonly [Word, number, number])[] = [["p_today", 0, 0], ["p_yesterday", 1, 1], ["p_week", 6, 0], ["p_month", 29, 0]];

/** Time span, queue, line and threshold; all of it stands in the address, which can be sent to a colleague. */
export function Choosing({ asked, queues, lines }: { asked: Asked; queues: readonly string[]; lines: readonly string[] }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const channel = useChannels();
  const chosen = PERIODS.find(([, from, to]) => day(from) === asked.from && day(to) === asked.to)?.[0] ?? "p_own";
  function choose(word: string) {
    const period = PERIODS.find(([each]) => each === word);
    if (period !== undefined) navigate(`/reports${asQuery({ ...queryOf(asked), from: day(period[1]), to: day(period[2]) })}`, { replace: true });
  }
  return (
    <form className="card row choosing-reports" onSubmit={(event) => event.preventDefault()} aria-label={t("period")}>
      <Field label={t("period")}>
        <select name="period" value={chosen} onChange={(event) => choose(event.target.value)}>
          {PERIODS.map(([word]) => <option key={word} value={word}>{t(word)}</option>)}
          <option value="p_own" disabled={chosen !== "p_own"}>{t("p_own")}</option>
        </select>
      </Field>
      <Field label={t("from")}>
        <input type="date" name="from" value={asked.from.slice(0, 10)} max={asked.to.slice(0, 10)} required onChange={(event) => event.target.value && setParam("from", event.target.value)} />
      </Field>
      <Field label={t("to")}>
        <input type="date" name="to" value={asked.to.slice(0, 10)} min={asked.from.slice(0, 10)} required onChange={(event) => event.target.value && setParam("to", event.target.value)} />
      </Field>
      <Field label={t("queue")}>
        <select name="queue" value={asked.queue} onChange={(event) => setParam("queue", event.target.value)}>
          <option value="">{t("all")}</option>
          {queues.map((name) => <option key={name} value={name}>{called.queue(name)}</option>)}
        </select>
      </Field>
      {lines.length > 1 && (
        <Field label={t("line")}>
          <select name="line" value={asked.line} onChange={(event) => setParam("line", event.target.value)}>
            <option value="">{t("all")}</option>
            {lines.map((name) => <option key={name} value={name}>{called.line(name)}</option>)}
          </select>
        </Field>
      )}
      <Field label={t("channel")}>
        <select name="channel" value={asked.channel} onChange={(event) => setParam("channel", event.target.value)}>
          <option value="">{t("all")}</option>
          {CHANNELS.map((name) => <option key={name} value={name}>{channel(name)}</option>)}
        </select>
      </Field>
      <Field label={t("threshold")}>
        <input type="number" name="threshold" min={0} max={3600} step={1} placeholder="20" title={t("threshold_hint")} defaultValue={asked.threshold}
               onBlur={(event) => setParam("threshold", event.target.value)} />
      </Field>
    </form>
  );
}
