import { useLanguage, useWords } from "../base/words";
import type { Alarm } from "./figures";
import { WORDS, type Word } from "./words";

const KINDS: Record<Alarm["level"], string> = { bad: "note bad", warn: "note warn", info: "note" };

/** What is wrong, the worst first, each with what to do about it; said to screen readers when it changes. */
export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  return (
    <section aria-labelledby="alarms" className="alarms">
      <h2 id="alarms" tabIndex={-1} className="hidden">{t("alarms")}</h2>
      <div role="status" aria-live="polite" className="stack tight">
        {alarms.length === 0 && <p className="note good">{t("all_well")}</p>}
        {alarms.map((alarm) => (
          <div key={`${alarm.code} ${alarm.subject}`} className={KINDS[alarm.level]} data-code={alarm.code}>
            <strong><span className="level">{t(`level_${alarm.level}` as Word)}</span> {alarm.words[language].message}</strong>
            <span className="remedy">{alarm.words[language].remedy}</span>
          </div>
        ))}
      </div>
    </section>
  );
}
