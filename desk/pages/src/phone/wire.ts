/** What the page and `/ws/phone`, `/ws/try` or `/ws/call` say to one another, beside the audio: JSON objects of at most 2 KB. */

export type PhoneKind = "desk" | "try" | "chat";
export type CallState = "idle" | "calling" | "ringing" | "talking" | "held";

export type ToServer =
  | { type: "hello"; resume: string | null; take: boolean }
  | { type: "dial"; number: string }
  | { type: "answer" }
  | { type: "hang_up" }
  | { type: "hold"; held: boolean }
  | { type: "key"; key: string }
  | { type: "ping"; at: number };

export interface HeardItem {
  text: string;
  clip: string;
  /** speech unless said otherwise */
  kind?: "speech" | "music" | "beep" | "recording";
}

export interface MenuOption {
  key: string;
  label: string;
}

export type FromServer =
  | { type: "ready"; token: string; account: string | null; state: CallState; call: string | null }
  | { type: "state"; state: CallState; call: string | null; number: string; name: string }
  | { type: "ended"; reason: string; status: number }
  | { type: "heard"; items: HeardItem[] }
  | { type: "menu"; name: string; title: string; path: string[]; options: MenuOption[] }
  | { type: "with"; whom: "operator" | "music" | "" }
  | { type: "queue"; place: number; wait: number | null }
  | { type: "pong"; at: number }
  | { type: "figures"; late_ms: number; lost: number }
  | { type: "refused"; code: string; message: string };

const STATES: readonly string[] = ["idle", "calling", "ringing", "talking", "held"];
export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;

/** Why a socket was closed, by its code; what has no row is the network, and is tried again. */
export const CLOSED: Readonly<Record<number, Refusal>> = {
  4001: "not_logged_in", 4003: "foreign", 4008: "too_much", 4009: "elsewhere", 4029: "rate",
};
export type Refusal = "not_logged_in" | "foreign" | "too_much" | "elsewhere" | "rate";

/** A message of the server; null for what none of ours says. */
export function parse(text: string): FromServer | null {
  let said: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    said = value as Record<string, unknown>;
  } catch {
    return null;
  }
  const reader = READERS[String(said["type"])];
  return reader === undefined ? null : reader(said);
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const numeral = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const list = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
const stateOf = (value: unknown): CallState => (STATES.includes(text(value)) ? (value as CallState) : "idle");
const orNull = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

const READERS: Record<string, (said: Record<string, unknown>) => FromServer> = {
  __proto__: null as never,       // "constructor" is no type of message
  ready: (said) => ({ type: "ready", token: text(said["token"]), account: orNull(said["account"]),
                      state: stateOf(said["state"]), call: orNull(said["call"]) }),
  state: (said) => ({ type: "state", state: stateOf(said["state"]), call: orNull(said["call"]),
                      number: text(said["number"]), name: text(said["name"]) }),
  ended: (said) => ({ type: "ended", reason: text(said["reason"]), status: numeral(said["status"]) }),
  heard: (said) => ({ type: "heard", items: list(said["items"]).map((item) => ({
    text: text(item["text"]), clip: text(item["clip"]), kind: kindOf(item["kind"]) })) }),
  menu: (said) => ({ type: "menu", name: text(said["name"]), title: text(said["title"]),
                     path: Array.isArray(said["path"]) ? said["path"].map(text) : [],
                     options: list(said["options"]).map((one) => ({ key: text(one["key"]), label: text(one["label"]) })) }),
  with: (said) => ({ type: "with", whom: said["whom"] === "operator" || said["whom"] === "music" ? said["whom"] : "" }),
  queue: (said) => ({ type: "queue", place: numeral(said["place"]),
                      wait: typeof said["wait"] === "number" ? said["wait"] : null }),
  pong: (said) => ({ type: "pong", at: numeral(said["at"]) }),
  figures: (said) => ({ type: "figures", late_ms: numeral(said["late_ms"]), lost: numeral(said["lost"]) }),
  refused: (said) => ({ type: "refused", code: text(said["code"]), message: text(said["message"]) }),
};

function kindOf(value: unknown): NonNullable<HeardItem["kind"]> {
  return value === "music" || value === "beep" || value === "recording" ? value : "speech";
}
