import type { Titles } from "../base/titled";
import type { OperatorNow } from "../base/live";

export type CardState = "ringing" | "briefing" | "talking" | "held" | "consulting" | "conference" | "transferring"
  | "consulted" | "dialling" | "calling_back" | "supervising" | "surveying" | "waits";

/** One call of this operator, as `/api/desk` and the topic `me` tell it. Times in seconds. */
export interface Card {
  call: string;
  state: CardState;
  ends_in_s: number | null;
  also_rings: string[];
  /** The colleague by whom it rings here: who asks first stays with the caller, who passes on is gone. */
  brought: { who: string; how: "asks" | "passes_on" | "comes_back" } | null;
  /** How I supervise it; "" where I don't. */
  mode: string;
  on_call: { who: string; part: "operator" | "asked" | "supervisor"; joined: boolean }[];
  number: string;
  name: string;
  colleague: string;
  direction: "inbound" | "internal" | "outbound";
  /** "voice", or that of a chat: "web" and others. */
  channel: string;
  line: string;
  dialled: string;
  queue: string;
  subject: string;
  language: string;
  request: string | null;
  since_s: number;
  waited_s: number;
  talked_s: number;
  talks: boolean;
  path: { menu: string; keys: string; label: string }[];
  told: { name: string; value: string }[];
  groups: string[];
  callback: boolean;
  /** Of a chat: the call beside it; of that call: its chat; else "". */
  beside: string;
  recorded: boolean;
  may_record: boolean;
}

export interface MyDesk {
  operator: OperatorNow;
  cards: Card[];
  wrap_up: { call: string; left_s: number; until_saved: boolean } | null;
  lost: { call: string; how: string; by: string; since_s: number } | null;
}

export interface Settings {
  break_reasons: string[];
  outbound: boolean;
  chats: boolean;
}

export interface Target {
  target: string;
  kind: "operator" | "queue" | "department" | "address" | "line" | "number";
  title: string;
  titles: Titles;
  extension: string;
  may_be_asked: boolean;
  free: boolean | null;
  condition: string;
  status: string;
  reachable: boolean | null;
  waiting: number | null;
  operators_idle: number | null;
  operators_in_service: number | null;
}

export interface RequestRow {
  id: string;
  call_id: string;
  caller_number: string | null;
  caller_name: string | null;
  language: string;
  queue: string;
  subject: string;
  operator: string;
  status: "open" | "answered" | "closed";
  kind: "queue" | "callback" | "voicemail";
  opened_at: string;
  closed_at: string | null;
  callback_number: string | null;
  revision: number;
  topic: string;
  result: string;
  note: string;
  filled: Record<string, string>;
  due_at: string | null;
  solved: string | null;
}

export interface RelatedRow {
  id: string;
  how: "reopens" | "reopened_by" | "duplicates" | "duplicated_by";
  opened_at: string;
  status: RequestRow["status"];
  operator: string;
  topic: string;
  result: string;
  note: string;
}

export interface FieldOf {
  name: string;
  type: "text" | "digits" | "number" | "date" | "yes_no" | "choice";
  titles: Titles;
  required: boolean;
  length: number;
  options: string[];
}

export interface Topics {
  version: string;
  topics: Record<string, Titles>;
  outcomes: Record<string, Titles>;
  fields: Record<string, FieldOf[]>;
  notes: Record<string, Titles>;
}

export interface MissedCall {
  call_id: string;
  at: string;
  queue: string;
  number: string | null;
  name: string | null;
  language: string;
  answered_by: string;
  outcome: string | null;
}

export interface OpenCallback {
  request: string;
  queue: string;
  state: "waiting" | "paused" | "held" | "tried";
  attempts: number;
  waited_s: number;
  call: string | null;
  resumes_in_s: number | null;
}

export interface CallRow {
  id: string;
  caller_number: string | null;
  caller_name: string | null;
  began_at: string;
  ended_at: string | null;
  queue: string;
  talk_time: number | null;
  outcome: string | null;
  direction: Card["direction"];
  channel: string;
}

/** Whether its caller writes. */
/** The call whose request it is: a call beside a chat has that of the chat. */
export const caseOf = (card: Pick<Card, "call" | "channel" | "beside">) => (isChat(card) || card.beside === "" ? card.call : card.beside);

export const isChat = ({ channel }: Pick<Card, "channel">) => channel !== "voice";
