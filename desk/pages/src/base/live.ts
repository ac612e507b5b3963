import { useEffect, useSyncExternalStore } from "react";
import { follow, type Connection } from "./live_source";

/** An operator as `/api/operators` shows one. */
export interface OperatorNow {
  name: string;
  display_name: string;
  languages: string[];
  status: "available" | "on_break" | "logged_out";
  reason: string;
  set_by: string;
  state: "idle" | "ringing" | "on_call" | "wrap_up";
  reachable: boolean;
  condition: string;
  call: string | null;
  queues: string[];
  status_time: number;
  state_time: number;
  idle_time: number;
  rest_time: number;
  answered: number;
  missed: number;
  /** Beside calls: how many they have, are offered, and may have (0: they take none); whether their desk answers any. */
  chats: number;
  chats_offered: number;
  chats_most: number;
  chats_reachable: boolean;
}

export interface WaitingCall {
  call: string;
  place: number;
  language: string;
  priority: number;
  wait_time: number;
  operator: string | null;
  virtual: boolean;
  /** "voice", or that of a chat. */
  channel: string;
}

export interface QueueNow {
  name: string;
  waiting: number;
  /** Of those who wait, who writes. */
  chats_waiting: number;
  callbacks: number;
  ringing: number;
  longest_wait: number;
  operators_in_service: number;
  operators_idle: number;
  chats_idle: number;
  offered: number;
  answered: number;
  abandoned: number;
  overflow: number;
  calls: WaitingCall[];
}

export interface CallNow {
  call: string;
  line: string;
  state: string;
  since_s: number;
  queue: string | null;
  operator: string;
  language: string;
  /** "voice", or that of a chat. */
  channel: string;
  supervisors: { supervisor: string; mode: string; state: string }[];
}

export interface Board {
  operators: OperatorNow[];
  queues: QueueNow[];
  calls: CallNow[];
  calls_in_progress: number;
  [more: string]: unknown;
}

/** What was said last of a topic, and when (performance.now()): seconds in it were true then. */
export interface Told<T> {
  value: T;
  at: number;
}

const TOPICS = ["board", "me", "chats", "typing"] as const;
export type Topic = (typeof TOPICS)[number];

const told: Partial<Record<Topic, Told<unknown>>> = {};
const hearers = new Set<() => void>();
let connection: Connection = "idle";
let stop: (() => void) | null = null;
let lookers = 0;

function changed(): void {
  hearers.forEach((hear) => hear());
}

function open(): void {
  stop ??= follow(TOPICS, {
    heard(topic, value, at) {
      told[topic as Topic] = { value, at };
      changed();
    },
    connection(state) {
      connection = state;
      changed();
    },
  });
}

function close(): void {
  stop?.();
  stop = null;
  for (const topic of TOPICS) delete told[topic];
  connection = "idle";
  changed();
}

function subscribe(hear: () => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** One stream for the page, open while any part of it looks. */
export function useLive<T>(topic: Topic): Told<T> | undefined {
  useEffect(() => {
    lookers += 1;
    open();
    return () => {
      lookers -= 1;
      // the next page may look at once: the stream is kept for that moment
      setTimeout(() => { if (lookers === 0) close(); }, 500);
    };
  }, []);
  return useSyncExternalStore(subscribe, () => told[topic]) as Told<T> | undefined;
}

/** What was said last, without looking on. */
export const latest = <T>(topic: Topic) => told[topic] as Told<T> | undefined;

export const useBoard = () => useLive<Board>("board");
export const useLiveState = () => useSyncExternalStore(subscribe, () => connection);
