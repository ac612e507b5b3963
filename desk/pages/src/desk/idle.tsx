import { Clock } from "../base/parts";
import type { Told } from "../base/live";
import { useWords, type Translate } from "../base/words";
import type { MyDesk } from "./types";
import { WORDS, type DeskWord } from "./words";

/** No call: what I am waiting for, or what keeps calls from me and what to do about it. */
export function Idle({ told }: { told: Told<MyDesk> }) {
  const t = useWords(WORDS);
  const { operator, wrap_up } = told.value;
  if (wrap_up !== null) return null;
  const [title, hint, kind] = standing(told.value, t);
  return (
    <section className={`card desk-idle ${kind}`} aria-label={title}>
      <p className="big">{title}</p>
      <p className="muted">{hint}</p>
      {operator.rest_time > 0 && operator.status === "available" && <p>{t("rest_for")} <Clock seconds={operator.rest_time} at={told.at} down /></p>}
    </section>
  );
}

function standing({ operator }: MyDesk, t: Translate<DeskWord>): [string, string, string] {
  if (operator.status === "logged_out") return [t("idle_logged_out"), t("idle_logged_out_hint"), "off"];
  if (operator.status === "on_break")
    return [t("idle_break"), t(operator.set_by === "hotline" ? "idle_break_missed" : "idle_break_hint"), "off"];
  if (!operator.reachable && operator.chats_reachable) return [t("idle_chats"), t("idle_chats_hint"), "good"];
  if (!operator.reachable) return [t("idle_unreachable"), t("idle_unreachable_hint"), "bad"];
  if (operator.rest_time > 0) return [t("idle_rest"), t("idle_rest_hint"), "warn"];
  if (operator.state !== "idle") return [t("idle_engaged"), t("idle_engaged_hint"), ""];
  return [t("idle_free"), t("idle_free_hint"), "good"];
}
