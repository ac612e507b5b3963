import type { Message } from "./wire";

export type Day = "today" | "yesterday" | "earlier";
const TURN_MS = 5 * 60_000;         // messages of one person within that are one turn

export function isSameDay(before: string | undefined, at: string): boolean {
  return before !== undefined && new Date(before).toDateString() === new Date(at).toDateString();
}

/** null for no moment at all. */
export function dayOf(at: string, now: Date): Day | null {
  const day = new Date(at);
  if (Number.isNaN(day.getTime())) return null;
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day.toDateString() === now.toDateString()) return "today";
  return day.toDateString() === yesterday.toDateString() ? "yesterday" : "earlier";
}

/** Whether a message goes on with the one before. */
export function isSameTurn(before: Message | undefined, message: Message): boolean {
  if (before === undefined || before.from !== message.from || before.name !== message.name) return false;
  return Math.abs(new Date(message.at).getTime() - new Date(before.at).getTime()) < TURN_MS;
}
