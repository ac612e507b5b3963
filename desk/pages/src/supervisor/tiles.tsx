import type { ReactNode } from "react";
import { Clock } from "../base/parts";
import { useWords } from "../base/words";
import { useFormulas } from "../reports/formulas";
import { mean, percent, STANDINGS, type Figures } from "./figures";
import { WORDS } from "./words";

/** The figures of now and of today in one row; the formula of each is what its title says. */
export function Tiles({ figures, at }: { figures: Figures; at: number }) {
  const t = useWords(WORDS);
  const { now, formulas } = figures;
  const { today } = now;
  const crew = STANDINGS.reduce((sum, one) => sum + now.operators[one], 0) - now.operators.logged_out;
  return (
    <dl className="tiles" aria-label={t("title")}>
      <Tile name={t("active")} value={now.active} />
      <Tile name={t("waiting")} value={now.waiting} kind={now.waiting > 0 ? "warn" : undefined}
            more={[now.chats_waiting > 0 && t("chats_of_them", { n: now.chats_waiting }), now.callbacks > 0 && t("to_be_called_back", { n: now.callbacks })]
              .filter((one) => one !== false).join(", ") || undefined} />
      <Tile name={t("longest_wait")} value={now.waiting > 0 ? <Clock seconds={now.longest_wait} at={at} /> : "–"} />
      <Tile name={t("free_operators")} value={now.operators.free} more={t("of_n", { n: crew })}
            kind={now.operators.free === 0 && now.waiting > 0 ? "bad" : undefined} />
      <Tile name={t("service_level")} value={percent(today?.service_level)} formula={formulas["service_level"]}
            more={today === null ? "–" : t("in_time", { n: today.answered_in_time, of: today.offered })} />
      <Tile name={t("abandoned")} value={today?.abandoned ?? "–"} formula={formulas["abandonment"]}
            more={today === null ? "–" : t("of_all", { share: percent(today.abandonment) })} />
      <Tile name={t("speed_of_answer")} value={mean(today?.speed_of_answer)} formula={formulas["speed_of_answer"]} more={t("on_average")} />
    </dl>
  );
}

function Tile({ name, value, more, formula, kind }:
    { name: string; value: ReactNode; more?: string | undefined; formula?: string | undefined; kind?: "warn" | "bad" | undefined }) {
  const formulas = useFormulas();
  return (
    <div className={`card tile ${kind ?? ""}`} title={formula && formulas(formula)}>
      <dt>{name}</dt>
      <dd className="figure">{value}</dd>
      {more !== undefined && <dd className="more">{more}</dd>}
    </div>
  );
}
