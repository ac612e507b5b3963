import { useState, type FormEvent } from "react";
import { api, ApiError } from "../base/api";
import { ErrorNote, Field, toast } from "../base/parts";
import { useWords } from "../base/words";
import "./account.css";
import { WORDS } from "./account_words";

const SHORTEST = 8;     // as the server wants it

/** Choose another password with the one there is. */
export function Password({ name, about, onChanged }: { name: string; about?: string; onChanged?: () => void }) {
  const t = useWords(WORDS);
  const [old, setOld] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const differs = again !== "" && again !== wanted;
  const wrongOld = error instanceof ApiError && error.code === "wrong_password";

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (again !== wanted) return;
    setBusy(true);
    setError(null);
    try {
      await api.post("/api/password", { old, new: wanted });
      setOld("");
      setWanted("");
      setAgain("");
      toast(t("changed"));
      onChanged?.();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="card stack account-password" onSubmit={(event) => void submit(event)}>
      <h2>{t("change")}</h2>
      <p className="muted">{about ?? t("change_about")}</p>
      <input type="text" autoComplete="username" value={name} readOnly hidden />
      <Field label={t("old")} wrong={wrongOld ? t("old_wrong") : undefined}>
        <input type="password" name="old" autoComplete="current-password" required maxLength={256} value={old}
               aria-invalid={wrongOld} onChange={(event) => setOld(event.target.value)} />
      </Field>
      <Field label={t("new")} hint={t("new_hint")}>
        <input type="password" name="new" autoComplete="new-password" required minLength={SHORTEST} maxLength={256}
               value={wanted} onChange={(event) => setWanted(event.target.value)} />
      </Field>
      <Field label={t("again")} wrong={differs ? t("differs") : undefined}>
        <input type="password" name="again" autoComplete="new-password" required minLength={SHORTEST} maxLength={256}
               aria-invalid={differs} value={again} onChange={(event) => setAgain(event.target.value)} />
      </Field>
      <ErrorNote error={wrongOld ? null : error} />
      <div><button className="primary" disabled={busy}>{t("change_it")}</button></div>
    </form>
  );
}
