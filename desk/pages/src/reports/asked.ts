import { asQuery } from "../base/api";

export type Dimension = "day" | "hour" | "queue" | "operator" | "topic" | "language" | "line" | "menu" | "channel";
export const DIMENSIONS: readonly Dimension[] = ["day", "hour", "queue", "operator", "topic", "language", "line", "menu", "channel"];

export interface Figure { name: string; title: string; unit: "count" | "share" | "seconds"; formula: string; opened: string[] }
export interface Numbers { values: Record<string, number | null>; counts: Record<string, number> }
export interface Group extends Numbers { key: string }
export interface ReportBy { figures: string[]; groups: Group[]; left_out: number; total: Numbers }
export interface WaitBar { from_s: number; to_s: number | null; answered: number; abandoned: number; other: number }
export interface Reports {
  from: string; to: string; zone: string; threshold_s: number; thresholds_s: Record<string, number>; short_s: number;
  figures: Figure[]; reports: Record<Dimension, ReportBy>; waits: WaitBar[];
}

/** What the page asks for; it stands in the address. */
export interface Asked { from: string; to: string; queue: string; line: string; channel: string; threshold: string }

export function askedOf(params: URLSearchParams, today: string): Asked {
  const value = (name: string) => params.get(name) ?? "";
  return { from: value("from") || today, to: value("to") || value("from") || today, queue: value("queue"), line: value("line"), channel: value("channel"), threshold: value("threshold") };
}

export const queryOf = ({ from, to, queue, line, channel, threshold }: Asked) => ({ from, to, queue, line, channel, threshold });

/** Which calls: those behind a count of a group ("" for all), or of a bar of the waits. */
export interface Behind { count: string; by: Dimension; group: string; number: number; wait?: [number, number | null] }

export function callsPath(asked: Asked, { count, by, group, wait }: Behind, offset: number): string {
  return `/api/reports/calls${asQuery({ ...queryOf(asked), count, by, group, offset, limit: 50, wait_from: wait?.[0], wait_to: wait?.[1] })}`;
}

export const tablePath = (asked: Asked, by: Dimension) => `/api/reports/table.csv${asQuery({ ...queryOf(asked), by })}`;
export const jsonPath = (asked: Asked, by: Dimension) => `/api/reports${asQuery({ ...queryOf(asked), by })}`;

/** A day as the server names it, by the clock of this browser; `back` days ago. */
export function day(back = 0): string {
  const now = new Date();
  now.setDate(now.getDate() - back);
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
}
