import { useEffect, useId, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { ApiError } from "./api";
import { WORDS } from "./base_words";
import { giveBack, openerOf } from "./focus";
import { problemIn } from "./problem_words";
import { duration, languageNow, useWords } from "./words";

export function Loading() {
  const t = useWords(WORDS);
  return <p className="empty" role="status">{t("loading")}</p>;
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** What went wrong, in words; nothing without an error. */
export function ErrorNote({ error, again }: { error: unknown; again?: () => void }) {
  const t = useWords(WORDS);
  if (error === null || error === undefined) return null;
  return (
    <div className="note bad spread" role="alert">
      <span>{wordsOf(error, t("unreachable"))}</span>
      {again !== undefined && <button className="small" onClick={again}>{t("retry")}</button>}
    </div>
  );
}

export function wordsOf(error: unknown, unreachable: string): string {
  if (error instanceof ApiError) return error.status === 0 ? unreachable : problemIn(languageNow() === "ru", error.code, error.message);
  return error instanceof Error ? error.message : String(error);
}

/** A modal dialog: focus goes in and comes back, Escape closes. */
export function Dialog({ title, onClose, children, wide = false }: { title: string; onClose: () => void; children: ReactNode; wide?: boolean }) {
  const t = useWords(WORDS);
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current!;
    const opener = openerOf(document);
    if (!shown.open) shown.showModal();
    // showModal gives the focus to the first button, which closes; whoever asked for it by autoFocus had it before that
    shown.querySelector<HTMLElement>("[data-first], :scope > :not(header) :is(input, select, textarea, button.primary):not(:disabled)")?.focus();
    return () => {
      shown.close();
      giveBack(opener, document);
    };
  }, []);
  return (
    <dialog ref={dialog} className={wide ? "wide" : undefined} aria-labelledby={heading}
            onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header>
        <h2 id={heading}>{title}</h2>
        <button className="quiet small" onClick={onClose} aria-label={t("close")}>✕</button>
      </header>
      {children}
    </dialog>
  );
}

/** A label over whatever is entered, with a hint and what is wrong with it. */
export function Field({ label, hint, wrong, children }: { label: string; hint?: string; wrong?: string; children: ReactNode }) {
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {hint !== undefined && <span className="hint">{hint}</span>}
      {wrong !== undefined && <span className="wrong" role="alert">{wrong}</span>}
    </label>
  );
}

/** Seconds that go on by themselves: `seconds` was true when the server said it. */
export function Clock({ seconds, at, down = false }: { seconds: number; /** performance.now() of that */ at: number; down?: boolean }) {
  const now = useNow();
  const passed = Math.max(0, (now - at) / 1000);
  return <span className="figure" role="timer" aria-live="off">{duration(down ? seconds - passed : seconds + passed)}</span>;
}

const ticks = new Set<() => void>();
let tick = performance.now();
let ticking: ReturnType<typeof setInterval> | null = null;

/** The page's time, four times a second while anybody looks at it. */
export function useNow(): number {
  return useSyncExternalStore((changed) => {
    ticks.add(changed);
    ticking ??= setInterval(() => {
      tick = performance.now();
      ticks.forEach((one) => one());
    }, 250);
    return () => {
      ticks.delete(changed);
      if (ticks.size === 0 && ticking !== null) {
        clearInterval(ticking);
        ticking = null;
      }
    };
  }, () => tick);
}

export interface Tab<Key extends string> {
  key: Key;
  label: ReactNode;
}

/** Tabs as ARIA has them: arrows move, one of them is in the order of Tab. The panel is the caller's, with `id`. */
export function Tabs<Key extends string>({ tabs, chosen, onChoose, label, panel }:
    { tabs: readonly Tab<Key>[]; chosen: Key; onChoose: (key: Key) => void; label: string; panel: string }) {
  const row = useRef<HTMLDivElement>(null);
  function move(step: number) {
    const at = tabs.findIndex(({ key }) => key === chosen);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChoose(next.key);
    row.current?.querySelector<HTMLElement>(`[data-tab="${next.key}"]`)?.focus();
  }
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={row}
         onKeyDown={(event) => { if (event.key === "ArrowRight") move(1); if (event.key === "ArrowLeft") move(-1); }}>
      {tabs.map(({ key, label: text }) => (
        <button key={key} role="tab" data-tab={key} aria-selected={key === chosen} aria-controls={panel}
                tabIndex={key === chosen ? 0 : -1} onClick={() => onChoose(key)}>{text}</button>
      ))}
    </div>
  );
}

type Kind = "good" | "warn" | "bad";
interface Said { id: number; kind: Kind; text: string }
const MOST = 4;
let toasts: readonly Said[] = [];
let number = 0;
const hearers = new Set<() => void>();

/** Say something at the page's edge for some seconds; faults stay until they are closed. */
export function toast(text: string, kind: Kind = "good"): void {
  const id = ++number;
  toasts = [...toasts.slice(1 - MOST), { id, kind, text }];
  hearers.forEach((hear) => hear());
  if (kind !== "bad") setTimeout(() => dismiss(id), 6000);
}

function dismiss(id: number): void {
  toasts = toasts.filter((one) => one.id !== id);
  hearers.forEach((hear) => hear());
}

export function Toasts() {
  const t = useWords(WORDS);
  const said = useSyncExternalStore((changed) => {
    hearers.add(changed);
    return () => hearers.delete(changed);
  }, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {said.map(({ id, kind, text }) => (
        <div key={id} className={`note ${kind}`}>
          <span>{text}</span>
          <button className="quiet small" aria-label={t("close")} onClick={() => dismiss(id)}>✕</button>
        </div>
      ))}
    </div>
  );
}

/** What a server route gives, asked again by `again`; the last answer stays while a new one is on its way. */
export function useAsked<T>(ask: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[]):
    { value: T | undefined; error: unknown; again: () => void; set: (value: T) => void } {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    ask(stop.signal).then(
      (found) => { if (!stop.signal.aborted) { setValue(found); setError(null); } },
      (failed) => { if (!stop.signal.aborted) setError(failed); });
    return () => stop.abort();
    // `ask` is made anew at each rendering; `keys` say when its question is another
  }, [...keys, turn]);
  return { value, error, again: () => setTurn((n) => n + 1), set: setValue };
}
