import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { api } from "../../base/api";
import { useLive, useLiveState } from "../../base/live";
import type { Card } from "../types";
import { unread, type Refusals, type Talk } from "./talk";
import { Talks } from "./talks";

const TYPES_MS = 6000;

export interface Chats {
  talks: Talks;
  of: (call: string) => Talk;
  unread: (call: string) => number;
  /** The chat on the screen; it may be none of the desk's any more. */
  open: Card | null;
  /** Whether it still is. */
  live: boolean;
  show: (call: string) => void;
  put_away: () => void;
  take: (call: string) => Promise<void>;
  /** Who writes in this chat just now (performance.now() of their last key). */
  typing: (call: string) => { who: string; at: number } | undefined;
  /** The chat whose field is to have the focus; another object for each time. */
  focus: { call: string };
  focusIt: (call: string) => void;
}

/** The chats of this desk. `cards` are those that are taken; what ends stays on the screen until it is put away. */
export function useChats(me: string, cards: readonly Card[]): Chats {
  const [talks] = useState(() => new Talks());
  const version = useSyncExternalStore(talks.subscribe, talks.now);
  const news = useLive<{ positions: Record<string, number>; refused?: Refusals }>("chats");
  const connection = useLiveState();
  const typed = useTyping();
  const [chosen, setChosen] = useState("");
  const [focus, setFocus] = useState({ call: "" });
  const shown = useRef<Card | null>(null);
  const calls = cards.map(({ call }) => call).join(" ");

  useEffect(() => talks.want(calls === "" ? [] : calls.split(" ")), [talks, calls]);
  useEffect(() => () => talks.close(), [talks]);
  useEffect(() => {
    if (news === undefined) return;
    talks.news(news.value.positions);
    talks.refusals(news.value.refused ?? {});
  }, [talks, news]);
  useEffect(() => { if (connection === "live") talks.lookAtAll(); }, [talks, connection]);

  const there = cards.find(({ call }) => call === chosen);
  const gone = chosen !== "" && shown.current?.call === chosen ? shown.current : null;
  // who is being taken is not there yet: until then what was on the screen stays there
  const open = there ?? gone ?? cards.find(({ call }) => call === shown.current?.call) ?? cards[0] ?? null;
  useEffect(() => {
    shown.current = open;
    if (open !== null && chosen === "") setChosen(open.call);
  });

  const show = useCallback((call: string) => setChosen(call), []);
  const focusIt = useCallback((call: string) => setFocus({ call }), []);
  const putAway = useCallback(() => { shown.current = null; setChosen(""); }, []);
  const take = useCallback(async (call: string) => {
    await api.post(`/api/chats/${call}/take`);
    setChosen(call);
    setFocus({ call });
  }, []);
  const counts = useMemo(() => new Map(cards.map(({ call }) => [call, unread(talks.of(call), me)])), [talks, cards, me, version]);
  return {
    talks, of: (call) => talks.of(call), unread: (call) => counts.get(call) ?? 0, open, live: open !== null && cards.some(({ call }) => call === open.call),
    show, put_away: putAway, take, typing: typed, focus, focusIt,
  };
}

/** The last key of each chat: the topic tells of one at a time. */
function useTyping(): Chats["typing"] {
  const told = useLive<{ call: string; who: string }>("typing");
  const [all, setAll] = useState<Record<string, { who: string; at: number }>>({});
  useEffect(() => {
    if (told === undefined) return;
    const { call, who } = told.value;
    setAll((before) => ({ ...before, [call]: { who, at: told.at } }));
  }, [told]);
  return (call) => {
    const last = all[call];
    return last !== undefined && performance.now() - last.at < TYPES_MS ? last : undefined;
  };
}
