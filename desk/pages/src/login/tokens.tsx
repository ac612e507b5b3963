import { useState, type FormEvent } from "react";
import { api } from "../base/api";
import { Dialog, Empty, ErrorNote, Field, Loading, toast, useAsked } from "../base/parts";
import type { Role } from "../base/session";
import { ShownOnce } from "../base/shown_once";
import { useMoments, useWords } from "../base/words";
import { WORDS } from "./account_words";

interface Token {
  id: string;
  name: string;
  role: Role;
  made_by: string;
  expires_at: string;
  last_used_at: string | null;
  withdrawn_at: string | null;
}

const ROLES: readonly Role[] = ["operator", "supervisor", "admin"];

/** The tokens of programs: made, shown once, withdrawn. */
export function Tokens() {
  const t = useWords(WORDS);
  const moments = useMoments();
  const { value, error, again } = useAsked((signal) => api.get<{ tokens: Token[] }>("/api/tokens", {}, signal), []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Token | null>(null);
  const holding = (value?.tokens ?? []).filter((one) => one.withdrawn_at === null && Date.parse(one.expires_at) > Date.now());

  async function withdraw(token: Token) {
    await api.delete(`/api/tokens/${encodeURIComponent(token.id)}`);
    setLeaving(null);
    toast(t("withdrawn", { name: token.name }));
    again();
  }

  return (
    <section className="card stack">
      <div className="spread">
        <h2 id="tokens">{t("tokens")}</h2>
        <button onClick={() => setMaking(true)}>{t("make")}</button>
      </div>
      <p className="muted">{t("tokens_about")}</p>
      <ErrorNote error={error} again={again} />
      {value === undefined && error === null && <Loading />}
      {value !== undefined && holding.length === 0 && <Empty>{t("no_tokens")}</Empty>}
      {holding.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-labelledby="tokens">
          <table>
            <thead><tr>{(["program", "role", "holds_until", "last_used", "made_by"] as const).map((word) => <th key={word} scope="col">{t(word)}</th>)}<th scope="col"><span className="hidden">{t("withdraw")}</span></th></tr></thead>
            <tbody>
              {holding.map((one) => (
                <tr key={one.id}>
                  <td className="mono">{one.name}</td>
                  <td>{t(one.role)}</td>
                  <td>{moments.day(one.expires_at)}</td>
                  <td>{one.last_used_at === null ? t("never") : moments.both(one.last_used_at)}</td>
                  <td>{one.made_by}</td>
                  <td><button className="small" onClick={() => setLeaving(one)} aria-label={t("withdraw_it", { name: one.name })}>{t("withdraw")}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && <Make onClose={() => setMaking(false)} onMade={(token) => { setMaking(false); setMade(token); again(); }} />}
      {made !== null && <ShownOnce title={t("made")} about={t("shown_once")} label={t("token")} value={made} onClose={() => setMade(null)} />}
      {leaving !== null && <Withdraw token={leaving} onClose={() => setLeaving(null)} onDone={withdraw} />}
    </section>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => void }) {
  const t = useWords(WORDS);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [days, setDays] = useState("365");
  const [error, setError] = useState<unknown>(null);
  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      onMade((await api.post<{ token: string }>("/api/tokens", { name, role, days: Number(days) })).token);
    } catch (failed) {
      setError(failed);
    }
  }
  return (
    <Dialog title={t("make")} onClose={onClose}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label={t("program")} hint={t("program_hint")}>
          <input name="program" required autoFocus maxLength={32} pattern="[a-z0-9][a-z0-9_.\-]*" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t("role")} hint={t("role_hint")}>
          <select name="role" value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {ROLES.map((one) => <option key={one} value={one}>{t(one)}</option>)}
          </select>
        </Field>
        <Field label={t("days")}>
          <input name="days" type="number" min={1} max={3650} required value={days} onChange={(event) => setDays(event.target.value)} />
        </Field>
        <ErrorNote error={error} />
        <div><button className="primary">{t("make")}</button></div>
      </form>
    </Dialog>
  );
}

function Withdraw({ token, onClose, onDone }: { token: Token; onClose: () => void; onDone: (token: Token) => Promise<void> }) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  return (
    <Dialog title={t("withdraw_it", { name: token.name })} onClose={onClose}>
      <div className="stack">
        <p>{t("withdraw_about")}</p>
        <ErrorNote error={error} />
        <div className="row">
          <button className="bad" onClick={() => { onDone(token).catch(setError); }}>{t("withdraw")}</button>
          <button onClick={onClose}>{t("keep")}</button>
        </div>
      </div>
    </Dialog>
  );
}
