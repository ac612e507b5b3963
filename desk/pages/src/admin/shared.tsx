import { useEffect, useState } from "react";
import { api, ApiError, asQuery, type PageOf } from "../base/api";
import { useAsked } from "../base/parts";
import { mayEnter, useSession } from "../base/session";
import { useLocale, useWords } from "../base/words";
import { WORDS } from "./words";

/** Whether who is logged in may change the house. */
export function useIsAdmin(): boolean {
  return mayEnter(useSession().who, "admin");
}

export interface Piece<T> {
  id: string;
  state: "running" | "done" | "failed";
  done: number;
  total: number;
  at: string;
  result: T | null;
  problem: { code: string; message: string } | null;
}

const ASK_EVERY = 400;      // ms

/** A piece of work, once it is over; `told` hears how far it is. Throws an ApiError with what went wrong. */
export async function overWork<T>(begun: Piece<T>, told: (piece: Piece<T>) => void): Promise<T> {
  let piece = begun;
  while (piece.state === "running") {
    told(piece);
    await later(ASK_EVERY);
    piece = await api.get<Piece<T>>(`/api/work/${encodeURIComponent(piece.id)}`);
  }
  if (piece.state === "failed" || piece.result === null)
    throw new ApiError(400, piece.problem?.code ?? "unknown", piece.problem?.message ?? "");
  return piece.result;
}

export const later = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The address of a prompt's sound; `mark` is another one after a change, since browsers keep what they have heard. */
export function soundOf(clip: string, take = "", mark = 0): string {
  return `/api/prompts/audio${asQuery({ clip, take, mark: mark === 0 ? "" : mark })}`;
}

export function Player({ src, label }: { src: string; label: string }) {
  const t = useWords(WORDS);
  return <audio className="player" controls preload="none" src={src} aria-label={`${t("listen")}: ${label}`} />;
}

/** What a route gives, asked again every `every` ms while the page is seen. */
export function useEvery<T>(path: string, every: number): { value: T | undefined; error: unknown; at: number; again: () => void } {
  const [held, setHeld] = useState<{ value: T | undefined; error: unknown; at: number }>({ value: undefined, error: null, at: 0 });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    async function ask() {
      if (document.hidden) return;
      try {
        const value = await api.get<T>(path, {}, stop.signal);
        if (!stop.signal.aborted) setHeld({ value, error: null, at: performance.now() });
      } catch (error) {
        if (!stop.signal.aborted) setHeld((before) => ({ ...before, error }));
      }
    }
    void ask();
    const timer = setInterval(() => void ask(), every);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [path, every, turn]);
  return { ...held, again: () => setTurn((n) => n + 1) };
}

/** A moment on the clock of a zone, to the minute: hours of lines are those of their zone, wherever somebody looks. */
export function useWall(): (iso: string, zone?: string) => string {
  const language = useLocale();
  return (iso, zone) => new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone })
    .format(new Date(iso));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A list that comes in pages: `more` gets the next one, another `query` begins anew. */
export function usePaged<T>(path: string, query: Record<string, string | number>) {
  const [older, setOlder] = useState<T[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const { value, error, again } = useAsked(async (signal) => {
    const page = await api.get<PageOf<T>>(path, query, signal);
    setOlder([]);
    setCursor(page.next_cursor);
    return page;
  }, [path, JSON.stringify(query)]);
  async function more() {
    try {
      const page = await api.get<PageOf<T>>(path, { ...query, cursor });
      setOlder((before) => [...before, ...page.items]);
      setCursor(page.next_cursor);
    } catch (problem) {
      setFailed(problem);
    }
  }
  return { value, items: [...(value?.items ?? []), ...older], cursor, failed, error, again, more };
}
