import { useState, type FormEvent } from "react";
import { api } from "../base/api";
import type { OperatorNow, Told } from "../base/live";
import { Clock, Dialog, ErrorNote, Field } from "../base/parts";
import { useWords } from "../base/words";
import { shortcut } from "./keys";
import type { MyDesk, Settings } from "./types";
import { WORDS } from "./words";

const STATUSES = ["available", "on_break", "logged_out"] as const;
type Status = OperatorNow["status"];

/** The big switch: what the person wants, since when, and why. During a call it holds for afterwards. */
export function StatusSwitch({ told, settings, asking, setAsking }:
    { told: Told<MyDesk>; settings: Settings | undefined; asking: boolean; setAsking: (asking: boolean) => void }) {
  const t = useWords(WORDS);
  const { operator } = told.value;
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState<Status | null>(null);
  const shown = chosen ?? operator.status;

  async function set(status: Status, reason = "") {
    setChosen(status);
    setError(null);
    try {
      await api.put(`/api/operators/${encodeURIComponent(operator.name)}/status`, { status, reason });
      setAsking(false);
    } catch (failed) {
      setError(failed);
    } finally {
      setChosen(null);
    }
  }

  const later = operator.state !== "idle" && operator.status !== "available";
  return (
    <section className="card stack" aria-label={t("my_status")}>
      <div className="desk-status" role="group" aria-label={t("my_status")}>
        {STATUSES.map((status) => (
          <button key={status} aria-pressed={shown === status} data-status={status}
                  aria-keyshortcuts={status === "available" ? shortcut("available") : status === "on_break" ? shortcut("on_break") : undefined}
                  onClick={() => (status === "on_break" ? setAsking(true) : void set(status))}>
            {t(status)}
          </button>
        ))}
      </div>
      <p className="spread desk-since">
        <span>
          {later ? t("after_this", { status: t(operator.status) }) : t(operator.status)}
          {operator.reason !== "" && <> · {operator.reason}</>}
          {operator.set_by !== "" && <span className="muted"> ({t("set_by", { who: operator.set_by === "hotline" ? t("the_hotline") : operator.set_by })})</span>}
        </span>
        <Clock seconds={operator.status_time} at={told.at} />
      </p>
      <ErrorNote error={asking ? null : error} />
      {asking && <BreakDialog reasons={settings?.break_reasons ?? []} error={error} onClose={() => { setAsking(false); setError(null); }}
                              onChosen={(reason) => void set("on_break", reason)} />}
    </section>
  );
}

function BreakDialog({ reasons, error, onClose, onChosen }:
    { reasons: string[]; error: unknown; onClose: () => void; onChosen: (reason: string) => void }) {
  const t = useWords(WORDS);
  const [reason, setReason] = useState(reasons[0] ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChosen(reason.trim());
  };
  return (
    <Dialog title={t("break_title")} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        {reasons.length > 0 ? (
          <fieldset className="desk-reasons">
            <legend>{t("reason")}</legend>
            {reasons.map((one) => (
              <label key={one} className="tick">
                <input type="radio" name="reason" checked={reason === one} onChange={() => setReason(one)} autoFocus={one === reasons[0]} />
                {one}
              </label>
            ))}
          </fieldset>
        ) : (
          <Field label={t("reason")} hint={t("reason_hint")}>
            <input name="reason" maxLength={80} value={reason} autoFocus onChange={(event) => setReason(event.target.value)} />
          </Field>
        )}
        <p className="small muted">{t("break_hint")}</p>
        <ErrorNote error={error} />
        <div className="row"><button className="primary">{t("take_break")}</button></div>
      </form>
    </Dialog>
  );
}
