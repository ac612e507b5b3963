import { useState, type FormEvent } from "react";
import { WORDS as BASE } from "../base/base_words";
import type { AreaProps } from "../areas";
import { ErrorNote, Field } from "../base/parts";
import { Preferences } from "../base/preferences";
import { Link, navigate } from "../base/router";
import { homeOf, useSession } from "../base/session";
import { useWords } from "../base/words";
import { WORDS } from "./words";

export default function Login({ params }: AreaProps) {
  const t = useWords(WORDS);
  const base = useWords(BASE);
  const { logIn } = useSession();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const who = await logIn(login.trim(), password);
      navigate(ownPage(params.get("next")) ?? homeOf(who), { replace: true });
    } catch (failed) {
      setError(failed);
      setPassword("");
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="centre">
      <form className="card stack" onSubmit={(event) => void submit(event)}>
        <div className="spread">
          <h1 className="row"><img src="/icon.svg" alt="" width="32" height="32" />Hotline</h1>
          <Preferences />
        </div>
        <Field label={t("name")}>
          <input name="login" autoComplete="username" autoFocus required maxLength={64} value={login}
                 onChange={(event) => setLogin(event.target.value)} />
        </Field>
        <Field label={t("password")} hint={t("first_time")}>
          <input name="password" type="password" autoComplete="current-password" required value={password}
                 onChange={(event) => setPassword(event.target.value)} />
        </Field>
        <ErrorNote error={error} />
        <button className="primary" disabled={busy}>{base("log_in")}</button>
        <p className="small muted">{t("or")} <Link to="/try">{base("try_it")}</Link></p>
      </form>
    </main>
  );
}

/** Only a page of ours: an address that others put into the link leads nowhere else. */
function ownPage(next: string | null): string | null {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/login") ? next : null;
}
