import { useEffect, useState } from "react";
import { api } from "../base/api";
import { inSeconds } from "../base/words";

/** Since midnight where the line is; shares from 0 to 1, times in seconds, null: nothing to divide by. */
export interface Today {
  offered: number;
  answered: number;
  abandoned: number;
  answered_in_time: number;
  service_level: number | null;
  speed_of_answer: number | null;
  abandonment: number | null;
  longest_wait: number | null;
  handle_time: number | null;
  satisfaction: number | null;
  response: number | null;
}

export const STANDINGS = ["free", "ringing", "on_call", "wrap_up", "on_break", "unreachable", "logged_out"] as const;
export type Standing = (typeof STANDINGS)[number];

export interface QueueFigures {
  name: string;
  waiting: number;
  chats_waiting: number;
  callbacks: number;
  longest_wait: number;
  operators: Record<Standing, number>;
  target_s: number;
  today: Today | null;
}

export interface OperatorToday { name: string; handled: number; missed: number; handle_time: number | null; occupancy: number | null; satisfaction: number | null }

export interface Alarm {
  code: string;
  level: "bad" | "warn" | "info";
  subject: string;
  words: Record<"en" | "ru", { message: string; remedy: string }>;
}

export interface Figures {
  node: string;
  state: string;
  now: { active: number; waiting: number; chats_waiting: number; chats: number; callbacks: number; longest_wait: number; operators: Record<Standing, number>; today: Today | null };
  queues: QueueFigures[];
  operators: OperatorToday[];
  alarms: Alarm[];
  formulas: Record<string, string>;
  counted_s: number | null;
}

const EVERY = 3000;       // ms: alarms are to be seen soon, and the server counts today once for all who look
const GIVE_UP = 8000;     // ms: a question without an answer is as good as a failed one

/** `/api/board`, asked again and again; `at` (performance.now()) says when the last answer came, `failed` that the newest
 * question had none. */
export function useFigures(queues: readonly string[] = []): { figures: Figures | undefined; at: number; failed: boolean } {
  const [held, hold] = useState<{ figures: Figures | undefined; at: number; failed: boolean }>(
    () => ({ figures: undefined, at: performance.now(), failed: false }));
  const asked = queues.length === 0 ? "" : `?${new URLSearchParams(queues.map((name) => ["queue", name]))}`;
  useEffect(() => {
    let open = true;
    let next: ReturnType<typeof setTimeout>;
    async function look() {
      const stop = new AbortController();
      const bound = setTimeout(() => stop.abort(), GIVE_UP);
      try {
        const figures = await api.get<Figures>(`/api/board${asked}`, {}, stop.signal);
        if (open) hold({ figures, at: performance.now(), failed: false });
      } catch {
        if (open) hold((before) => ({ ...before, failed: true }));
      } finally {
        clearTimeout(bound);
        if (open) next = setTimeout(() => void look(), EVERY);
      }
    }
    void look();
    return () => {
      open = false;
      clearTimeout(next);
    };
  }, [asked]);
  return held;
}

/** 0.8412 → "84 %"; a dash where there is nothing to divide by. */
export function percent(share: number | null | undefined, digits = 0): string {
  return share === null || share === undefined ? "–" : `${(share * 100).toFixed(digits)} %`;
}

/** Seconds of a mean, short: "7 s", "2:05". */
export function mean(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.round(seconds);
  return whole < 60 ? inSeconds(whole) : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
