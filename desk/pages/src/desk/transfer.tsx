import { useRef, useState, type KeyboardEvent } from "react";
import { oneLine } from "../base/harmless";
import { api } from "../base/api";
import { toast, Dialog, ErrorNote, useAsked } from "../base/parts";
import { useLanguage, useWords, type Language, type Translate } from "../base/words";
import { titleOf } from "./titles";
import { isChat, type Card, type Target } from "./types";
import { WORDS, type DeskWord } from "./words";

/** Where to: found by typing, chosen by arrows; Enter sends, Shift+Enter asks first. */
export function TransferDialog({ card, onClose }: { card: Card; onClose: () => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const found = useAsked((signal) => api.get<{ targets: Target[]; cut: boolean }>(
    "/api/targets", { q: query, ...(isChat(card) ? { chat: true } : {}) }, signal), [query]);
  const targets = found.value?.targets ?? [];
  const chosen = targets[Math.min(at, targets.length - 1)];

  async function send(target: Target, attended: boolean) {
    setBusy(true);
    setError(null);
    try {
      await api.post(`/api/calls/${card.call}/transfer`, { target: target.target, attended });
      toast(t(attended ? "asking_now" : "sent_now", { who: nameOf(target, language) }));
      onClose();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  }
  function keyed(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && targets.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, targets.length - 1) + step + targets.length) % targets.length;
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && chosen !== undefined && !busy) {
      event.preventDefault();
      void send(chosen, event.shiftKey && chosen.may_be_asked);
    }
  }

  return (
    <Dialog title={t("transfer_title", { who: oneLine(card.name) || card.number || card.colleague || t("no_number") })} onClose={onClose} wide>
      <div className="stack">
        <label className="field">
          <span>{t("to_whom")}</span>
          <input value={query} maxLength={64} autoFocus role="combobox" aria-expanded="true" aria-controls="desk-targets"
                 aria-activedescendant={chosen && idOf(chosen)} aria-autocomplete="list" onKeyDown={keyed}
                 onChange={(event) => { setQuery(event.target.value); setAt(0); }} />
          <span className="hint">{t("transfer_hint")}</span>
        </label>
        <ErrorNote error={error ?? found.error} again={found.error === null ? undefined : found.again} />
        <ul className="desk-targets" id="desk-targets" role="listbox" aria-label={t("to_whom")} ref={list}>
          {targets.map((target, number) => (
            <li key={idOf(target)} id={idOf(target)} role="option" aria-selected={target === chosen} data-target={target.target}
                onClick={() => setAt(number)} onDoubleClick={() => void send(target, false)}>
              <span className={`desk-dot ${dotOf(target)}`} aria-hidden="true" />
              <span className="grow"><b>{nameOf(target, language)}</b> <span className="small muted">{t(`kind_${target.kind}`)}{target.extension !== "" && ` · ${target.extension}`}</span></span>
              <span className="small muted">{standing(target, t)}</span>
            </li>
          ))}
        </ul>
        {found.value !== undefined && targets.length === 0 && <p className="empty">{t("no_target")}</p>}
        <div className="row">
          <button className="primary" disabled={chosen === undefined || busy} onClick={() => chosen && void send(chosen, false)}>{t("send_there")} <kbd>Enter</kbd></button>
          <button disabled={chosen === undefined || !chosen.may_be_asked || busy} onClick={() => chosen && void send(chosen, true)}>{t("ask_first")} <kbd>Shift+Enter</kbd></button>
        </div>
      </div>
    </Dialog>
  );
}

const nameOf = ({ titles, title }: Target, language: Language) => titleOf(titles, language, title);
const idOf = (target: Target) => `target-${target.kind}-${target.target.replace(/[^\w-]/g, "_")}`;

function dotOf(target: Target): string {
  if (target.free === null) return "";
  return target.free ? "good" : target.kind === "operator" && target.reachable === true ? "warn" : "bad";
}

/** Whether somebody is there. */
function standing(target: Target, t: Translate<DeskWord>): string {
  if (target.kind === "operator") return target.free === true ? t(target.status === "available" ? "is_free" : "is_there") : conditionOf(target.condition, t);
  if (target.waiting === null) return "";
  return `${t("n_wait", { n: target.waiting })} · ${t("n_free", { n: target.operators_idle ?? 0 })}`;
}

const CONDITIONS: Record<string, DeskWord> = {
  "being rung": "is_rung_now", "on a call": "is_talking", "in wrap-up": "is_writing", "on break": "on_break", "logged out": "logged_out",
  "being offered a chat": "is_rung_now", "in as many chats as they may have": "chats_full", "writing up a chat": "is_writing",
  "on a call, and takes no chats beside it": "is_talking", "without a registered phone": "no_phone", "resting after a missed call": "is_resting", free: "is_free",
};

/** The server's words for what keeps an operator. */
export function conditionOf(condition: string, t: Translate<DeskWord>): string {
  const word = CONDITIONS[condition];
  return word === undefined ? condition : t(word);
}
