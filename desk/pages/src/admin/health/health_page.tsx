import { useEffect } from "react";
import { ErrorNote, Loading, useAsked } from "../../base/parts";
import { Link } from "../../base/router";
import { useWords } from "../../base/words";
import { WORDS as ADMIN } from "../words";
import { askHealth, CHECKS, type CheckName, type Health } from "./health";
import { WORDS, type HealthWord } from "./words";

const LOOK_EVERY = 4000;        // ms
const LEADS: Partial<Record<CheckName, string>> = { menus: "/admin/menus", lines: "/admin/lines" };
const KIND: Record<Health["state"], string> = { ok: "good", degraded: "warn", draining: "warn", failing: "bad" };

/** Whether calls can be answered now, part by part, and what to do where one is not well. */
export function HealthPage() {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked((signal) => askHealth(signal), []);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) again(); }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <>
      <h1>{t("title")}</h1>
      <ErrorNote error={error} again={again} />
      {value === undefined && error === null && <Loading />}
      {value !== undefined && (
        <>
          <p className={`note ${KIND[value.state]}`} role="status"><strong>{t(value.state)}</strong></p>
          <section className="card"><Checks health={value} /></section>
          <section className="card"><h2>{t("figures")}</h2><Workers health={value} /></section>
          <p className="muted small">{t("process")}</p>
        </>
      )}
    </>
  );
}

function Checks({ health }: { health: Health }) {
  const t = useWords(WORDS);
  const words = useWords(ADMIN);
  return (
    <dl className="pairs checks">
      {CHECKS.map((name) => {
        const { ok, detail } = health.checks[name];
        const remedy: HealthWord | undefined = ok || name === "lines" ? undefined : `do_${name}`;
        const lead = LEADS[name];
        return (
          <div key={name} className="check">
            <dt><strong>{t(name)}</strong><div className="small">{t(`about_${name}`)}</div></dt>
            <dd>
              <span className={`pill ${ok ? "good" : "bad"}`}>{t(ok ? "well" : "faulty")}</span>
              {detail !== "" && <p className="small" lang="en">{detail}</p>}
              {remedy !== undefined && <p className="small"><strong>{t("remedy")}:</strong> {t(remedy)}</p>}
              {lead !== undefined && detail !== "" && <Link className="small" to={lead}>{words("look")}</Link>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Workers({ health }: { health: Health }) {
  const t = useWords(WORDS);
  const words = useWords(ADMIN);
  return (
    <div className="scroll" role="region" aria-label={t("figures")} tabIndex={0}>
      <table>
        <thead><tr><th scope="col">{t("worker")}</th><th scope="col">{t("ready")}</th><th scope="col" className="right">{t("in_use")}</th><th scope="col" className="right">{t("free")}</th><th scope="col">{t("load")}</th></tr></thead>
        <tbody>
          {health.workers.map(({ worker, ready, in_use, free, streams }) => (
            <tr key={worker}>
              <td>plane-{worker}</td><td><span className={`pill ${ready ? "good" : "bad"}`}>{words(ready ? "yes" : "no")}</span></td>
              <td className="right">{in_use}</td><td className="right">{free}</td>
              <td><progress max={Math.max(streams, 1)} value={in_use} aria-label={`plane-${worker}: ${t("load")}`} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
