import type { Board, Told } from "../base/live";
import type { Figures, QueueFigures, Today } from "../supervisor/figures";

/** One queue, or several together, as the wall shows them. */
export interface Shown {
  name: string;
  waiting: number;
  /** Of them, who writes. */
  chats: number;
  longest: number;
  /** When `longest` was true (performance.now()). */
  at: number;
  free: number;
  talking: number;
  /** Whoever could take a call: neither on a break nor logged out, with a phone. */
  there: number;
  target: number;
  today: Today | null;
}

export type Mood = "well" | "waiting" | "late" | "unstaffed";

/** The queues of the address; [] for all. */
export function wantedOf(params: URLSearchParams): string[] {
  return params.getAll("queue").flatMap((one) => one.split(",")).map((one) => one.trim()).filter((one) => one !== "");
}

/** Each wanted queue: who waits by the live stream where it is newer, the figures of today by the server's reckoning. */
export function shownOf(figures: Figures, figured_at: number, live: Told<Board> | undefined, wanted: readonly string[]): Shown[] {
  return figures.queues.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map((queue) => {
    const now = live?.value.queues.find(({ name }) => name === queue.name);
    const newer = now !== undefined && live !== undefined && live.at >= figured_at - 3000;
    return {
      name: queue.name,
      waiting: newer ? now.waiting : queue.waiting,
      chats: newer ? now.chats_waiting : queue.chats_waiting,
      longest: newer ? now.longest_wait : queue.longest_wait,
      at: newer ? live.at : figured_at,
      free: newer ? Math.max(now.operators_idle, now.chats_idle) : queue.operators.free,
      talking: queue.operators.on_call,
      there: there(queue),
      target: queue.target_s,
      today: queue.today,
    };
  });
}

const there = ({ operators }: QueueFigures) => operators.free + operators.ringing + operators.on_call + operators.wrap_up;

/** In a word how a queue is; `now` as performance.now(). */
export function moodOf(queue: Shown, now: number): Mood {
  if (queue.waiting === 0) return "well";
  if (queue.there === 0) return "unstaffed";
  return queue.longest + (now - queue.at) / 1000 > queue.target ? "late" : "waiting";
}

export interface Together {
  waiting: number;
  longest: Shown | undefined;
  offered: number;
  in_time: number;
  abandoned: number;
}

/** Waits are added, and the longest is the longest; shares are made anew of what is added. */
export function together(queues: readonly Shown[]): Together {
  const waiting = queues.filter((queue) => queue.waiting > 0);
  const sum = (of: (today: Today) => number) => queues.reduce((all, { today }) => all + (today === null ? 0 : of(today)), 0);
  return {
    waiting: queues.reduce((all, queue) => all + queue.waiting, 0),
    longest: waiting.reduce<Shown | undefined>((most, queue) => (most === undefined || since(queue) < since(most) ? queue : most), undefined),
    offered: sum((today) => today.offered),
    in_time: sum((today) => today.answered_in_time),
    abandoned: sum((today) => today.abandoned),
  };
}

/** When the longest wait began (performance.now()). */
const since = (queue: Shown) => queue.at - queue.longest * 1000;
