import { oneLine } from "../../base/harmless";
export const OUTCOMES = ["answered", "abandoned", "self_served", "transferred", "overflow", "callback", "voicemail", "closed", "refused", "failed"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Call {
  id: string;
  line: string;
  dialled: string;
  language: string;
  caller_number: string | null;
  caller_name: string | null;
  began_at: string;
  answered_at: string | null;
  ended_at: string | null;
  outcome: Outcome | null;
  ended_by: string;
  reason: string;
  queue: string;
  operator: string;
  wait_time: number | null;
  talk_time: number | null;
  menu_version: string;
  request_id: string | null;
  direction: "inbound" | "internal" | "outbound";
  /** `voice`, or how somebody wrote. */
  channel: string;
}

export interface Entry {
  position: number;
  at: string;
  kind: string;
  details: Record<string, unknown>;
}

export interface TraceRow {
  at: number;
  source: string;
  target: string;
  text: string;
}

export interface Recording {
  id: string;
  why: string;
  operator: string;
  format: string;
  began_at: string;
  ended_at: string | null;
  seconds: number | null;
  erased_at: string | null;
  erased_by: string | null;
}

export interface Leg {
  party: string;
  codec: string;
  encrypted: boolean;
  figures: {
    packets_sent: number; packets_received: number; packets_lost: number; duplicates: number; jitter_ms: number;
    remote_lost: number | null; remote_jitter_ms: number | null; round_trip_ms: number | null;
    mos_in: number | null; mos_out: number | null;
  };
}

/** What the caller wanted, and what people made of it. */
export interface CallRequest {
  id: string;
  subject: string;
  status: string;
  queue: string;
  operator: string;
  topic: string;
  result: string;
  note: string;
  filled: Record<string, string>;
  closed_at: string | null;
}

export interface CallDetails {
  call: Call;
  requests: CallRequest[];
  entries: Entry[];
  recordings: Recording[];
  trace: TraceRow[];
  trace_complete: boolean;
  ladder: string;
  legs: Leg[];
}

export interface HeardWords {
  languages: string[];
  menus: Record<string, Record<string, string>>;
  prompts: Record<string, Record<string, string>>;
  why_not: string;
}

/** Who called: a name beside the number, as the caller's side sent both. */
export function callerOf({ caller_number, caller_name }: Call, withheld: string): string {
  if (caller_number === null || caller_number === "") return oneLine(caller_name ?? "") || withheld;
  return caller_name ? `${caller_number} (${oneLine(caller_name)})` : caller_number;
}

export function percent(lost: number | null, of: number): string {
  return lost === null || of <= 0 ? "–" : `${(100 * Math.max(lost, 0) / of).toFixed(1)} %`;
}
