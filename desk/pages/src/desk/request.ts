import { useCallback, useEffect, useRef, useState } from "react";
import { api, ApiError, type PageOf } from "../base/api";
import { followDraft, keepDraft, leftAfter, readDraft, type Draft } from "./drafts";
import type { RequestRow, Topics } from "./types";

export type Values = Omit<Draft, "at">;
const EMPTY: Values = { topic: "", result: "", note: "", filled: {} };
const LOOK_AGAIN_MS = 1500;

export const valuesOf = (row: RequestRow | undefined): Values =>
  row === undefined ? EMPTY : { topic: row.topic, result: row.result, note: row.note, filled: row.filled };

/** The request of a call, and what is typed into it: kept as a draft until it is saved. */
export function useRequest(who: string, call: string) {
  const [row, setRow] = useState<RequestRow>();
  const [missing, setMissing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(who, call));
  const newest = useRef(draft);       // what is saved ends this form: its last state is never rendered
  const [turn, setTurn] = useState(0);

  useEffect(() => followDraft(who, call, () => setDraft((newest.current = readDraft(who, call)))), [who, call]);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (tries: number) => {
      api.get<PageOf<RequestRow>>("/api/requests", { call_id: call }, stop.signal).then((page) => {
        const found = page.items.find(({ kind }) => kind === "queue") ?? page.items[0];
        setRow(found);
        setMissing(found === undefined);
        setError(null);
        // the row of a call that has just come is on its way into the database
        if (found === undefined && tries > 0) timer = setTimeout(() => look(tries - 1), LOOK_AGAIN_MS);
      }, (failed) => { if (!stop.signal.aborted) setError(failed); });
    };
    look(20);
    return () => { stop.abort(); clearTimeout(timer); };
  }, [call, turn]);

  const put = useCallback((next: Draft | null) => {
    newest.current = next;
    keepDraft(who, call, next);
    setDraft(next);
  }, [who, call]);
  const change = useCallback((changed: Partial<Values>) => {
    put({ ...(newest.current ?? valuesOf(row)), ...changed, at: Date.now() });
  }, [put, row]);

  /** Save what is typed; `closed` closes it. Raises ApiError; after `changed_meanwhile` the row is read anew. */
  async function save(more: { status?: "closed" | "open"; queue?: string; operator?: string } = {}): Promise<RequestRow> {
    if (row === undefined) throw new ApiError(0, "unreachable", "");
    const sent = newest.current;
    const { topic, result, note, filled } = sent ?? valuesOf(row);
    try {
      const saved = await api.patch<RequestRow>(`/api/requests/${row.id}`, { revision: row.revision, topic, result, note, filled, ...more });
      setRow(saved);
      put(leftAfter(sent, newest.current));
      return saved;
    } catch (failed) {
      if (failed instanceof ApiError && failed.code === "changed_meanwhile") setTurn((n) => n + 1);
      throw failed;
    }
  }

  return { row, missing, error, values: draft ?? valuesOf(row), typed: draft !== null, change, save, again: () => setTurn((n) => n + 1) };
}

/** What is still to be filled in before it can be closed, by name; "" is the topic. */
export function lacking(topics: Topics, row: RequestRow, values: Values): Set<string> {
  const found = new Set<string>();
  if (Object.keys(topics.topics).length > 0 && values.topic === "") found.add("");
  for (const { name, required } of topics.fields[row.queue] ?? [])
    if (required && !values.filled[name]) found.add(name);
  return found;
}
