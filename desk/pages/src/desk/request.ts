import { useCallback, useEffect, useRef, useState } from "react";
import { api, ApiError, type PageOf } from "../base/api";
import { followDraft, keepDraft, leftAfter, readDraft, type Draft, type Values } from "./drafts";
import type { RequestRow, Topics } from "./types";

export type { Values };
const EMPTY: Values = { topic: "", result: "", note: "", filled: {} };
const LOOK_AGAIN_MS = 1500;

export const valuesOf = (row: RequestRow | undefined): Values =>
  row === undefined ? EMPTY : { topic: row.topic, result: row.result, note: row.note, filled: row.filled };

/** The row's values with what was typed over them. */
export function typedOver(row: Values, draft: Draft | null): Values {
  if (draft === null) return row;
  const { topic, result, note, filled } = draft;
  return { topic: topic ?? row.topic, result: result ?? row.result, note: note ?? row.note, filled: { ...row.filled, ...filled } };
}

/** The draft with what is typed now, over the row as it is shown. */
export function typed(before: Draft | null, { filled = {}, ...rest }: Partial<Values>, row: Values, at: number): Draft {
  const old: Draft = before ?? { filled: {}, base: row, at };
  const base = { ...row, filled: { ...row.filled } };       // what was touched before was typed over an older one
  for (const name of ["topic", "result", "note"] as const) if (old[name] !== undefined) base[name] = old.base[name];
  for (const name of Object.keys(old.filled)) base.filled[name] = old.base.filled[name] ?? "";
  return { ...old, ...rest, filled: { ...old.filled, ...filled }, base, at };
}

/** A colleague, who had the caller before, has changed what is typed here as well: what is typed, to be looked at again
 * and saved over theirs. Of a note nothing is lost. Null: they changed nothing of it. */
export function clash(mine: Draft, now: Values): Draft | null {
  const { base } = mine;
  const both = (["topic", "result", "note"] as const).filter((name) =>
    mine[name] !== undefined && now[name] !== base[name] && now[name] !== mine[name]);
  const fields = Object.keys(mine.filled).filter((name) =>
    (now.filled[name] ?? "") !== (base.filled[name] ?? "") && now.filled[name] !== mine.filled[name]);
  if (both.length === 0 && fields.length === 0) return null;
  const note = both.includes("note") ? { note: joined(base.note, now.note, mine.note ?? "") } : {};
  return { ...mine, ...note, base: now };
}

/** Two notes that were written over the same one. */
function joined(before: string, theirs: string, mine: string): string {
  const added = mine.startsWith(before) ? mine.slice(before.length).trim() : mine;
  return [theirs.trimEnd(), added].filter((text) => text !== "").join("\n");
}

/** The request of a call, and what is typed into it: kept as a draft until it is saved. It is read anew when the
 * call ends for this operator: whoever had the caller before may have saved it meanwhile. */
export function useRequest(who: string, call: string, live: boolean) {
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
  }, [call, turn, live]);

  const put = useCallback((next: Draft | null) => {
    newest.current = next;
    keepDraft(who, call, next);
    setDraft(next);
  }, [who, call]);
  const change = useCallback((changed: Partial<Values>) => {
    put(typed(newest.current, changed, valuesOf(row), Date.now()));
  }, [put, row]);

  /** Save what is typed; `closed` closes it. What a colleague saved meanwhile stays; where both changed the same, raises
   * ApiError `changed_meanwhile`, and both are on the screen. */
  async function save(more: { status?: "closed" | "open"; queue?: string; operator?: string } = {}): Promise<RequestRow> {
    if (row === undefined) throw new ApiError(0, "unreachable", "");
    const sent = newest.current;
    const now = await api.get<RequestRow>(`/api/requests/${row.id}`);
    setRow(now);
    const again = sent === null ? null : clash(sent, valuesOf(now));
    if (again !== null) put(again);
    if (again !== null || (now.status === "closed" && row.status !== "closed")) throw new ApiError(409, "changed_meanwhile", "");
    try {
      const saved = await api.patch<RequestRow>(`/api/requests/${row.id}`, { revision: now.revision, ...typedOver(valuesOf(now), sent), ...more });
      setRow(saved);
      const left = leftAfter(sent, newest.current);
      put(left === null ? null : { ...left, base: valuesOf(saved) });
      return saved;
    } catch (failed) {
      if (failed instanceof ApiError && failed.code === "changed_meanwhile") setTurn((n) => n + 1);
      throw failed;
    }
  }

  return { row, missing, error, values: typedOver(valuesOf(row), draft), unsaved: draft !== null, change, save, again: () => setTurn((n) => n + 1) };
}

/** What is still to be filled in before it can be closed, by name; "" is the topic. */
export function lacking(topics: Topics, row: RequestRow, values: Values): Set<string> {
  const found = new Set<string>();
  if (Object.keys(topics.topics).length > 0 && values.topic === "") found.add("");
  for (const { name, required } of topics.fields[row.queue] ?? [])
    if (required && !values.filled[name]) found.add(name);
  return found;
}
