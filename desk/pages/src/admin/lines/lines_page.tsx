import { useState } from "react";
import { api } from "../../base/api";
import { Empty, ErrorNote, Loading, toast, useAsked } from "../../base/parts";
import { useTitles } from "../../base/titles";
import { useWords } from "../../base/words";
import { useRules } from "../hours/use_rules";
import { baseName, Player, soundOf, useEvery, useIsAdmin, useWall } from "../shared";
import { WORDS as ADMIN } from "../words";
import { Emergency } from "./emergency";
import { takeBack, type LinesNow, type Order, type Orders } from "./lines";
import { WORDS } from "./words";

const LOOK_EVERY = 5000;        // ms

/** What callers of each line hear now, and one step to have them hear something else. */
export function LinesPage() {
  const t = useWords(WORDS);
  const isAdmin = useIsAdmin();
  const known = useAsked((signal) => api.get<LinesNow>("/api/line-prompts", {}, signal), []);
  const { value: orders, error, again } = useEvery<Orders>("/api/lines", LOOK_EVERY);
  function given() {
    again();
    known.again();
  }
  return (
    <>
      <h1>{t("title")}</h1>
      <ErrorNote error={known.error ?? error} again={() => { known.again(); again(); }} />
      {known.value === undefined && known.error === null && <Loading />}
      {isAdmin && known.value !== undefined && <Emergency known={known.value} onGiven={given} />}
      {orders !== undefined && <Now orders={orders.orders} known={known.value} onChanged={again} />}
      {known.value !== undefined && <Lines known={known.value} />}
    </>
  );
}

function Now({ orders, known, onChanged }: { orders: Order[]; known: LinesNow | undefined; onChanged: () => void }) {
  const t = useWords(WORDS);
  return (
    <section className={`card stack ${orders.length > 0 ? "emergency on" : ""}`} aria-live="polite">
      <h2>{t("now")}</h2>
      {orders.length === 0 ? <Empty>{t("nothing")}</Empty> : (
        orders.map((order) => <Held key={`${order.line} ${order.kind}`} order={order} known={known} onChanged={onChanged} />)
      )}
    </section>
  );
}

function Held({ order, known, onChanged }: { order: Order; known: LinesNow | undefined; onChanged: () => void }) {
  const t = useWords(WORDS);
  const wall = useWall();
  const isAdmin = useIsAdmin();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const said = known?.lines.find(({ line }) => line === order.line)?.prompts[order.prompt];
  async function end() {
    setBusy(true);
    try {
      await takeBack(order);
      toast(t("taken_back"));
      onChanged();
    } catch (failed) {
      setError(failed);
    }
    setBusy(false);
  }
  return (
    <div className="stack">
      <div className="spread">
        <span className="row">
          <strong>{t("line")} {order.line}</strong>
          <span className="pill bad">{t(order.kind === "closure" ? "closed" : "announcement")}</span>
          <span className="muted small">
            {t("by", { by: order.by, time: wall(order.since) })}{order.until !== null && `, ${t("till", { time: wall(order.until) })}`}
          </span>
        </span>
        {isAdmin && <button onClick={() => void end()} disabled={busy}>{t(order.kind === "closure" ? "open_again" : "take_back")}</button>}
      </div>
      <ErrorNote error={error} />
      {said === undefined ? <p className="said mono">{order.prompt}</p> : <Said said={said} />}
    </div>
  );
}

/** A prompt in words, and as it sounds. */
export function Said({ said }: { said: { texts: Record<string, string>; clips: Record<string, string> } }) {
  return (
    <div className="stack">
      {Object.entries(said.texts).map(([language, text]) => (
        <div key={language} className="stack">
          <p className="said" lang={language}><span className="pill">{language}</span> {text === "" ? said.clips[language] : text}</p>
          {said.clips[language] !== undefined && <Player src={soundOf(said.clips[language])} label={language} />}
        </div>
      ))}
    </div>
  );
}

function Lines({ known }: { known: LinesNow }) {
  const t = useWords(WORDS);
  const words = useWords(ADMIN);
  const rules = useRules();
  const called = useTitles();
  const wall = useWall();
  return (
    <section className="card">
      <h2>{words("lines")}</h2>
      <div className="scroll" role="region" aria-label={words("lines")} tabIndex={0}>
        <table>
          <thead><tr><th scope="col">{t("line")}</th><th scope="col">{t("menu")}</th><th scope="col">{t("by_hours")}</th></tr></thead>
          <tbody>
            {known.lines.map((line) => (
              <tr key={line.line}>
                <td><strong>{line.numbers.join(", ")}</strong>{called.line(line.line) !== line.line && <span className="under">{called.line(line.line).replace(` · ${line.line}`, "")}</span>}</td>
                <td className="mono">{baseName(line.menu)}</td>
                <td>
                  {line.hours === null ? <span className="pill good">{t("never_closes")}</span> : (
                    <span className="row">
                      <span className={`pill ${line.open ? "good" : "warn"}`}>{t(line.open ? "open" : "shut")}</span>
                      <span className="muted small">{line.said === null ? line.rule : rules.reason(line.said, line.rule)}{line.until !== null && ` · ${t("changes", { time: wall(line.until, line.zone ?? undefined) })}`}</span>
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
