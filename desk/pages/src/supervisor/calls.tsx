import { useState, type KeyboardEvent } from "react";
import type { CallNow, OperatorNow } from "../base/live";
import { Clock, Empty } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { channelName } from "../desk/chats/names";
import { WORDS as CHATS } from "../desk/chats/words";
import { isChat } from "../desk/types";
import { TALKS, useActions, WAITS, type Mode } from "./acting";
import { HangUp, Take } from "./call_dialogs";
import { stateWord } from "./operators";
import { WORDS, type Word } from "./words";

const MODES: readonly Mode[] = ["listen", "whisper", "barge"];

/** Calls in progress: who is on them, who listens, and what a supervisor can do. A row takes keys when it has the focus. */
export function Calls({ calls, all, operators, at, phone, soon, names }:
    { calls: readonly CallNow[]; all: number; operators: readonly OperatorNow[]; at: number; phone: string; soon: () => void; names: (operator: string) => string }) {
  const t = useWords(WORDS);
  const c = useWords(CHATS);
  const called = useTitles();
  const act = useActions(phone, soon);
  const [taking, take] = useState<CallNow | null>(null);
  const [ending, end] = useState<CallNow | null>(null);

  function keyed(event: KeyboardEvent<HTMLTableRowElement>, call: CallNow) {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const mode = MODES.find((one) => one.startsWith(event.key));
    if (event.key === "ArrowDown") step(event.currentTarget.nextElementSibling);
    else if (event.key === "ArrowUp") step(event.currentTarget.previousElementSibling);
    else if (event.key.length === 1 && mode !== undefined && canListen(call)) void act.supervise(call, mode);
    else if (event.key === "t" && canTake(call)) take(call);
    else if (event.key === "h") end(call);
    else return;
    event.preventDefault();
  }
  return (
    <section className="card" aria-labelledby="calls">
      <h2 id="calls" tabIndex={-1}>{t("calls")}</h2>
      {calls.length === 0 ? <Empty>{t("no_calls")}</Empty> : (
        <div className="scroll">
          <table className="calls folds">
            <thead>
              <tr><th scope="col">{t("state")}</th><th scope="col">{t("since")}</th><th scope="col">{t("line")}</th><th scope="col">{t("queue")}</th>
                <th scope="col">{t("operator")}</th><th scope="col">{t("listeners")}</th><th scope="col"><span className="hidden">{t("call")}</span></th></tr>
            </thead>
            <tbody>
              {calls.map((call) => (
                <tr key={call.call} tabIndex={0} data-call={call.call} onKeyDown={(event) => keyed(event, call)}
                    aria-keyshortcuts="l w b t h ArrowDown ArrowUp">
                  <td><span className={`pill ${TALKS.has(call.state) ? "good" : WAITS.has(call.state) ? "warn" : ""}`}>{t(stateWord(call.state))}</span>
                    <span className="under mono">{call.call.slice(0, 8)}</span></td>
                  <td data-name={t("since")}><Clock seconds={call.since_s} at={at} /></td>
                  <td data-name={t("line")}>{call.line}{isChat(call) && <span className="under" data-channel={call.channel}>{channelName(call, c)}</span>}<span className="under">{call.language}</span></td>
                  <td data-name={t("queue")}>{call.queue ? called.queue(call.queue) : "–"}</td>
                  <td data-name={t("operator")}>{call.operator ? names(call.operator) : "–"}</td>
                  <td data-name={t("listeners")}><Listeners call={call} names={names} leave={(who) => void act.leave(call, who)} /></td>
                  <td className="right actions">
                    {MODES.map((mode) => (
                      <button key={mode} className="small" disabled={!canListen(call)} aria-pressed={isIn(call, phone, mode)}
                              onClick={() => void act.supervise(call, mode)}>{t(mode)}</button>
                    ))}
                    <button className="small" disabled={!canTake(call)} onClick={() => take(call)}>{t("take")}</button>
                    <button className="small danger" onClick={() => end(call)}>{t("hang_up")}</button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {calls.length < all && <p className="small muted">{t("more_calls", { n: calls.length, all })}</p>}
        </div>
      )}
      {taking !== null && (
        <Take call={taking} operators={operators} phone={phone} names={names} onClose={() => take(null)}
              onTake={async (to) => { if (await act.take(taking, to)) take(null); }} />
      )}
      {ending !== null && (
        <HangUp call={ending} onClose={() => end(null)} onEnd={async (reason) => { if (await act.hangUp(ending, reason)) end(null); }} />
      )}
    </section>
  );
}

const canListen = (call: CallNow) => call.state === "bridged";
const canTake = (call: CallNow) => WAITS.has(call.state) || (call.state === "bridged" && call.operator !== "");
const isIn = (call: CallNow, phone: string, mode: Mode) =>
  call.supervisors.some((one) => one.supervisor === phone && one.mode === mode);

function step(to: Element | null) {
  if (to instanceof HTMLElement) to.focus();
}

function Listeners({ call, names, leave }: { call: CallNow; names: (operator: string) => string; leave: (who: string) => void }) {
  const t = useWords(WORDS);
  if (call.supervisors.length === 0) return <span className="muted">{t("nobody")}</span>;
  return (
    <ul className="plain">
      {call.supervisors.map(({ supervisor, mode, state }) => (
        <li key={supervisor} className="row">
          <span className="pill accent">{names(supervisor)}: {t(`m_${mode}` as Word)} {t(`p_${state}` as Word)}</span>
          <button className="small quiet" onClick={() => leave(supervisor)}>{t("leave")}<span className="hidden"> {names(supervisor)}</span></button>
        </li>
      ))}
    </ul>
  );
}
