/** What goes over the chat's socket (docs/text.md). What comes is ours, and is read as if it were not. */

import { known, type Way } from "./voice";

export type Option = readonly [keys: string, label: string];
export type From = "me" | "hotline" | "operator";

/** A message that the hotline has, by its position in the chat. */
export interface Message {
  position: number;
  at: string;
  from: From;
  name: string;
  /** "text"; "file": the body says which; "call": what became of a call beside the chat. */
  form: string;
  body: string;
  options: readonly Option[];
  /** Of what this visitor wrote: the page's own id for it. */
  key: string;
  /** What stands on the button by which it was said; "" for typed words. */
  label: string;
}

export type Told =
  | { type: "hello"; token: string; call: string; secret: boolean; language: string; fileBytes: number; calls: readonly Way[]; voice: string; name: string }
  | { type: "started"; call: string }
  | { type: "message"; message: Message }
  | { type: "kept"; key: string; position: number; at: string; form: string; body: string }
  | { type: "refused"; key: string; reason: string }
  | { type: "typing"; name: string }
  | { type: "asks"; secret: boolean; language: string }
  | { type: "ended"; call: string }
  | { type: "call_me"; code: string }
  | { type: "voice"; how: string; reason: string; name: string }
  | { type: "pong" };

export type Said =
  | { type: "hello"; token: string | null; call: string | null; after: number }
  | { type: "start"; name: string; invite?: string }
  | { type: "say"; key: string; body: string; secret?: true }
  | { type: "say"; key: string; file: string }
  | { type: "call_me"; number?: string }
  | { type: "typing" | "leave" | "ping" };

export const LONGEST = 4096;

/** Codes with which the server closes for good; after any other one the page comes back. */
export const NOT_OPEN = 4004, FOREIGN = 4003, TOO_LARGE = 1009, SLOWER = new Set([4008, 4029]);

/** A message of the server; null for what is none. */
export function read(text: unknown): Told | null {
  const given = asObject(typeof text === "string" ? parsed(text) : null);
  if (given === null) return null;
  const word = (name: string) => (typeof given[name] === "string" ? given[name] : "");
  switch (given["type"]) {
    case "hello":
      return { type: "hello", token: word("token"), call: word("call"), secret: given["secret"] === true, language: word("language"),
               fileBytes: isPosition(given["file_bytes"]) ? given["file_bytes"] : 0,
               calls: known(given["calls"]), voice: word("voice"), name: word("name") };
    case "started":
    case "ended":
      return { type: given["type"], call: word("call") };
    case "asks":
      return { type: "asks", secret: given["secret"] === true, language: word("language") };
    case "call_me":
      return { type: "call_me", code: word("code") };
    case "voice":
      return { type: "voice", how: word("how"), reason: word("reason"), name: word("name") };
    case "typing":
      return { type: "typing", name: word("name") };
    case "refused":
      return { type: "refused", key: word("key"), reason: word("reason") };
    case "pong":
      return { type: "pong" };
    case "kept":
      return isPosition(given["position"]) ? { type: "kept", key: word("key"), position: given["position"], at: word("at"), form: word("form"), body: word("body") } : null;
    case "message": {
      const message = asMessage(given);
      return message === null ? null : { type: "message", message };
    }
    default:
      return null;
  }
}

/** Also of what this browser kept: another script may have written it. */
export function asMessage(given: unknown): Message | null {
  const one = asObject(given);
  if (one === null || !isPosition(one["position"])) return null;
  const word = (name: string) => (typeof one[name] === "string" ? one[name] : "");
  const from = one["from"] === "me" || one["from"] === "operator" ? one["from"] : "hotline";
  const options = Array.isArray(one["options"]) ? one["options"].filter(isOption).map(([keys, label]) => [keys, label] as const) : [];
  return { position: one["position"], at: word("at"), from, name: word("name"), form: word("form") || "text", body: word("body"), options, key: word("key"), label: word("label") };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function asObject(given: unknown): Record<string, unknown> | null {
  return typeof given === "object" && given !== null && !Array.isArray(given) ? given as Record<string, unknown> : null;
}

function isPosition(given: unknown): given is number {
  return typeof given === "number" && Number.isInteger(given) && given >= 0;
}

function isOption(given: unknown): given is [string, string] {
  return Array.isArray(given) && given.length >= 2 && typeof given[0] === "string" && typeof given[1] === "string";
}
