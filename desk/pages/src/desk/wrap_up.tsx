import { useState } from "react";
import { api } from "../base/api";
import { Clock, ErrorNote } from "../base/parts";
import type { Told } from "../base/live";
import { useWords } from "../base/words";
import type { MyDesk } from "./types";
import { WORDS } from "./words";

/** The call is over: how long there still is to write it up. */
export function WrapUpBar({ told, call, onRequest }: { told: Told<MyDesk>; /** Whose request is on the screen. */ call: string; onRequest: (call: string) => void }) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  const { wrap_up, operator } = told.value;
  if (wrap_up === null) return null;
  const done = () => void api.delete(`/api/operators/${encodeURIComponent(operator.name)}/wrap-up`).then(() => setError(null), setError);
  return (
    <section className="card spread desk-wrap-up" aria-label={t("wrap_up")}>
      <span>
        <b>{t("wrap_up")}</b> <Clock seconds={wrap_up.left_s} at={told.at} down />
        <span className="small muted"> · {t(wrap_up.until_saved ? "wrap_up_saved" : "wrap_up_timed")}</span>
      </span>
      {wrap_up.call !== call && <button className="small" onClick={() => onRequest(wrap_up.call)}>{t("its_request")}</button>}
      {wrap_up.until_saved && <button className="small" onClick={done}>{t("wrap_up_done")}</button>}
      <ErrorNote error={error} />
    </section>
  );
}
