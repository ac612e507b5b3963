import { useState } from "react";
import { api } from "../../base/api";
import { Dialog, ErrorNote, Loading, useAsked } from "../../base/parts";
import { useSession, type Role } from "../../base/session";
import { ShownOnce } from "../../base/shown_once";
import { useMoments, useWords } from "../../base/words";
import { WORDS } from "./logins_words";

interface Login {
  name: string;
  display_name: string;
  role: Role;
  operator: boolean;
  password: "own" | "first" | "one_time" | "given";
  one_time_until: string | null;
  last_login_at: string | null;
}

interface Made {
  name: string;
  password: string;
  until: string;
}

/** Who may log in, and a new password for who has forgotten theirs. */
export function LoginsPage() {
  const t = useWords(WORDS);
  const moments = useMoments();
  const { who } = useSession();
  const { value, error, again } = useAsked((signal) => api.get<{ people: Login[] }>("/api/people", {}, signal), []);
  const [asked, setAsked] = useState<Login | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  return (
    <>
      <div><h1 id="people">{t("title")}</h1><p className="muted">{t("about")}</p></div>
      <ErrorNote error={error} again={again} />
      {value === undefined && error === null && <Loading />}
      {value !== undefined && (
        <div className="card scroll" tabIndex={0} role="region" aria-labelledby="people">
          <table className="folds">
            <thead><tr>{(["name", "role", "password", "last_login"] as const).map((word) => <th key={word} scope="col">{t(word)}</th>)}<th scope="col"><span className="hidden">{t("make")}</span></th></tr></thead>
            <tbody>
              {value.people.map((one) => (
                <tr key={one.name} data-login={one.name}>
                  <td>{one.display_name || one.name} {one.display_name !== "" && <span className="muted mono small">{one.name}</span>}</td>
                  <td data-name={t("role")}>{t(one.role)}{one.operator && one.role !== "operator" && <span className="muted small"> · {t("answers")}</span>}</td>
                  <td data-name={t("password")}>
                    {one.password === "first" || one.password === "one_time" ? <span className="pill warn">{t(one.password)}</span> : t(one.password)}
                    {one.one_time_until !== null && <span className="muted small"> {t("until", { at: moments.both(one.one_time_until) })}</span>}
                  </td>
                  <td data-name={t("last_login")}>{one.last_login_at === null ? t("never") : moments.both(one.last_login_at)}</td>
                  <td className="actions">{one.password !== "given" && one.name !== who?.name && <button className="small" aria-label={t("make_for", { name: one.name })} onClick={() => setAsked(one)}>{t("make")}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked !== null && <Make login={asked} onClose={() => setAsked(null)} onMade={(one) => { setAsked(null); setMade(one); again(); }} />}
      {made !== null && (
        <ShownOnce title={t("make_for", { name: made.name })} about={t("shown_once", { name: made.name, at: moments.both(made.until) })} label={t("password")}
                   value={made.password} onClose={() => setMade(null)} />
      )}
    </>
  );
}

/** Asked first: whoever works with that login is thrown out. */
function Make({ login, onClose, onMade }: { login: Login; onClose: () => void; onMade: (made: Made) => void }) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function make() {
    setBusy(true);
    setError(null);
    try {
      const made = await api.post<Omit<Made, "name">>(`/api/people/${encodeURIComponent(login.name)}/password`);
      onMade({ name: login.name, ...made });
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  }
  return (
    <Dialog title={t("make_for", { name: login.name })} onClose={onClose}>
      <div className="stack">
        <p>{t("make_about", { name: login.display_name || login.name })}</p>
        <ErrorNote error={error} />
        <div className="row">
          <button className="bad" disabled={busy} onClick={() => void make()}>{t("make_it")}</button>
          <button onClick={onClose}>{t("keep")}</button>
        </div>
      </div>
    </Dialog>
  );
}
