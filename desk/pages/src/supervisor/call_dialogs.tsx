import { useState, type FormEvent } from "react";
import { WORDS as BASE } from "../base/base_words";
import type { CallNow, OperatorNow } from "../base/live";
import { Dialog, Field } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { WORDS } from "./words";

/** To whom a call goes: the supervisor's own phone first, then whoever is free. */
export function Take({ call, operators, phone, names, onTake, onClose }:
    { call: CallNow; operators: readonly OperatorNow[]; phone: string; names: (operator: string) => string; onTake: (to: string) => Promise<void>; onClose: () => void }) {
  const t = useWords(WORDS);
  const [to, choose] = useState(phone);
  const [busy, setBusy] = useState(false);
  const others = operators.filter(({ name, reachable, state }) => name !== phone && name !== call.operator && reachable && (state === "idle" || state === "wrap_up"));

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    await onTake(to);
    setBusy(false);
  }
  return (
    <Dialog title={t("take_title")} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label={t("operator")} hint={t("take_hint")}>
          <select name="to" value={to} onChange={(event) => choose(event.target.value)}>
            <option value={phone}>{t("take_me", { name: names(phone) })}</option>
            {others.map(({ name, display_name }) => <option key={name} value={name}>{display_name || name}</option>)}
          </select>
        </Field>
        <button className="primary" disabled={busy}>{t("take")}</button>
      </form>
    </Dialog>
  );
}

/** Ending a call needs a reason, which stands in the record. */
export function HangUp({ call, onEnd, onClose }: { call: CallNow; onEnd: (reason: string) => Promise<void>; onClose: () => void }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const base = useWords(BASE);
  const [reason, say] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    await onEnd(reason.trim());
    setBusy(false);
  }
  return (
    <Dialog title={t("hang_up_title")} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>{t("line")} {call.line}{call.queue ? ` · ${called.queue(call.queue)}` : ""}{call.operator ? ` · ${call.operator}` : ""}</p>
        <p className="muted small">{t("hang_up_hint")}</p>
        <Field label={t("reason")} hint={t("reason_needed")}>
          <input name="reason" value={reason} maxLength={200} required pattern=".*\S.*" onChange={(event) => say(event.target.value)} />
        </Field>
        <div className="row">
          <button className="bad" disabled={busy}>{t("hang_up")}</button>
          <button type="button" onClick={onClose}>{base("cancel")}</button>
        </div>
      </form>
    </Dialog>
  );
}
