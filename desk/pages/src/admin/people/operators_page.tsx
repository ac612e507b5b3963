import { useState } from "react";
import { api } from "../../base/api";
import type { OperatorNow } from "../../base/live";
import { Dialog, Empty, ErrorNote, Loading, useAsked } from "../../base/parts";
import { phoneName } from "../../base/phone_name";
import { useTitles } from "../../base/titles";
import { duration, useWords } from "../../base/words";
import { useEvery } from "../shared";
import { WORDS as ADMIN } from "../words";
import { Settings, type Configured } from "./settings";
import { WORDS } from "./words";

const LOOK_EVERY = 4000;        // ms

interface Contact {
  contact: string;
  transport: string;
  address: string;
  user_agent: string;
  expires_in_s: number;
  nat: boolean;
}

interface Account {
  account: string;
  operator: boolean;
  contacts: Contact[];
  last_refusal: { address: string; user_agent: string; since_s: number } | null;
}

/** Who answers: status, phones, queues, and why a phone does not come in. */
export function OperatorsPage() {
  const t = useWords(WORDS);
  const admin = useWords(ADMIN);
  const { value, error, again } = useAsked((signal) => api.get<Configured>("/api/configured", {}, signal), []);
  const now = useEvery<{ operators: OperatorNow[] }>("/api/operators", LOOK_EVERY);
  const called = useTitles();
  const phones = useEvery<{ phones: Account[] }>("/api/phones", LOOK_EVERY);
  const [asked, setAsked] = useState<string | null>(null);
  const others = phones.value?.phones.filter(({ operator }) => !operator) ?? [];
  return (
    <>
      <h1>{admin("operators")}</h1>
      <p className="note">{admin("restart")}</p>
      <ErrorNote error={error ?? now.error ?? phones.error} again={() => { again(); now.again(); phones.again(); }} />
      {value === undefined && error === null && <Loading />}
      {value?.operators.length === 0 && <Empty>{t("no_operators")}</Empty>}
      <div className="grid">
        {value?.operators.map((one) => {
          const state = now.value?.operators.find(({ name }) => name === one.name);
          const account = phones.value?.phones.find((each) => each.account === one.name);
          return (
            <section key={one.name} className="card stack" aria-label={one.display_name}>
              <div className="spread"><h2>{one.display_name}</h2><span className="muted mono small">{one.name}</span></div>
              {state !== undefined && (
                <div className="row">
                  <span className={`pill ${state.status === "available" ? "good" : "warn"}`}>{t(state.status)}</span>
                  {(state.state !== "idle" || state.status === "available") && <span className="pill">{t(state.state)}</span>}
                  {state.reason !== "" && <span className="small">{state.reason}</span>}
                  <button className="quiet small" onClick={() => setAsked(one.name)}>{t("why")}</button>
                </div>
              )}
              {account !== undefined && <Phones account={account} />}
              <dl className="pairs small">
                <dt>{t("queues")}</dt><dd>{one.queues.map(called.queue).join(", ") || t("none")}</dd>
                <dt>{t("languages")}</dt>
                <dd>{[...(one.languages.length > 0 ? one.languages : [t("all_languages")]), ...Object.entries(one.skills).map(([skill, level]) => `${skill} ${level}`)].join(", ")}</dd>
              </dl>
              <Settings settings={one.settings} of={one.name} />
            </section>
          );
        })}
      </div>
      {others.length > 0 && (
        <section className="card stack">
          <h2>{t("accounts")}</h2>
          {others.map((account) => <div key={account.account} className="stack"><h3 className="mono">{account.account}</h3><Phones account={account} /></div>)}
        </section>
      )}
      {asked !== null && <Why name={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Phones({ account }: { account: Account }) {
  const t = useWords(WORDS);
  const { contacts, last_refusal: refused } = account;
  return (
    <div className="stack small">
      {contacts.length === 0 && (
        <p><span className="pill warn">{t("not_registered")}</span>{account.operator && <span className="muted"> {t("no_phone_hint", { name: account.account })}</span>}</p>
      )}
      {contacts.map(({ contact, address, transport, user_agent, nat, expires_in_s }) => (
        <div key={contact}>
          <span className="pill good">{t("phone")}</span> {[t("registered", { address, transport: transport === "browser" ? t("browser") : transport.toUpperCase() }), phoneName(transport, user_agent)].filter((one) => one !== "").join(", ")}
          {nat && <> <span className="pill">{t("nat")}</span></>} {transport !== "browser" && <span className="muted">{t("expires", { time: duration(expires_in_s) })}</span>}
        </div>
      ))}
      {refused !== null && (
        <p className="note bad">{t("wrong_password", { address: refused.address, ago: duration(refused.since_s), phone: refused.user_agent || "–" })}. {t("wrong_hint")}</p>
      )}
    </div>
  );
}

function Why({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked((signal) => api.get<{ why: string }>(`/api/operators/${encodeURIComponent(name)}/why`, {}, signal), [name]);
  return (
    <Dialog title={t("why_title", { name })} onClose={onClose}>
      <ErrorNote error={error} again={again} />
      {value === undefined ? error === null && <Loading /> : <p className="said" lang="en">{value.why}</p>}
    </Dialog>
  );
}
