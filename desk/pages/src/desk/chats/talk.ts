/** What a chat's transcript is to this page: pure, so that its order and its losses can be tried without a server. */

import { asFile } from "../../base/files";

/** One message, as the server tells it. */
export interface Text {
  position: number;
  at: string;
  sender: string;
  audience: "all" | "staff";
  form: string;
  body: string | null;
  options: string[][];
  /** Our own id, of what this person wrote. */
  key: string;
}

/** What was written here and does not stand in the transcript yet. */
export interface Outgoing {
  key: string;
  body: string;
  private: boolean;
  /** Of a file: `id` is the server's, "" until it has all of it; `part` is how much that is, from 0 to 1. */
  file?: { id: string; name: string; bytes: number; part: number };
  state: "sending" | "failed";
  /** performance.now() of the last attempt. */
  since: number;
  error: unknown;
}

/** Why the server did not take a message, in its own word. */
export class Refused {
  constructor(readonly reason: string) {}
}

/** What it has refused lately, by key; `number` grows with each. */
export type Refusals = Readonly<Record<string, { reason: string; number: number }>>;

export interface Talk {
  texts: readonly Text[];
  outgoing: readonly Outgoing[];
  /** The last position that was on the screen; null until the first answer: what was before is no news. */
  seen: number | null;
}

export const NOTHING: Talk = { texts: [], outgoing: [], seen: null };
/** A message that is not in the transcript by then may be sent again: under its key it stays one. */
export const LATE_MS = 12_000;

export const lastOf = (talk: Talk) => talk.texts.at(-1)?.position ?? -1;

/** More of the transcript, in whatever order and however often it came. */
export function withTexts(talk: Talk, more: readonly Text[]): Talk {
  if (more.length === 0) return talk;
  const all = new Map([...talk.texts, ...more].map((text) => [text.position, text]));
  const texts = [...all.values()].sort((one, other) => one.position - other.position);
  const kept = new Set(texts.map(({ key }) => key));
  return { ...talk, texts, outgoing: talk.outgoing.filter(({ key }) => !kept.has(key)) };
}

/** It is sent, or sent again. What has come into the transcript meanwhile is nobody's any more. */
export function sent(talk: Talk, one: Pick<Outgoing, "key" | "body" | "private" | "file">, now: number): Talk {
  if (talk.texts.some(({ key }) => key === one.key)) return talk;
  const { key, body } = one;
  const mine: Outgoing = { key, body, private: one.private, state: "sending", since: now, error: null, ...(one.file !== undefined ? { file: one.file } : {}) };
  const again = talk.outgoing.some((other) => other.key === key);
  return { ...talk, outgoing: again ? talk.outgoing.map((other) => (other.key === key ? mine : other)) : [...talk.outgoing, mine] };
}

export function failed(talk: Talk, key: string, error: unknown): Talk {
  return { ...talk, outgoing: talk.outgoing.map((one) => (one.key === key ? { ...one, state: "failed", error } : one)) };
}

/** Those refused later than number `after` did not get there; whatever else has such a key is nobody's on this page. */
export function refused(talk: Talk, all: Refusals, after: number): Talk {
  const mine = talk.outgoing.filter(({ key, state }) => state === "sending" && (all[key]?.number ?? after) > after);
  return mine.reduce((found, { key }) => failed(found, key, new Refused(all[key]!.reason)), talk);
}

export const dropped = (talk: Talk, key: string): Talk => ({ ...talk, outgoing: talk.outgoing.filter((one) => one.key !== key) });

/** Those of which nothing was heard for too long. */
export const late = (talk: Talk, now: number): Outgoing[] =>
  talk.outgoing.filter(({ state, since, file }) => state === "sending" && file?.id !== "" && now - since >= LATE_MS);

/** A file on its way: so much of it is there, or all of it under an id. */
export const advanced = (talk: Talk, key: string, more: { part: number; id?: string }, now: number): Talk => ({ ...talk,
  outgoing: talk.outgoing.map((one) => (one.key === key && one.file !== undefined ? { ...one, since: now, file: { ...one.file, ...more } } : one)) });

/** A message in words: of a file its name, of a call beside the chat the number that was asked for. */
export function inWords({ form, body }: Pick<Text, "form" | "body">): string {
  if (form === "file") return asFile(body)?.name ?? "";
  if (form === "call") return body?.startsWith("wish ") ? body.slice("wish ".length) : "";
  return body ?? "";
}

/** The last words; of the visitor alone, if that is asked. */
export function lastWords(talk: Talk, { visitor = false } = {}): string {
  for (let at = talk.texts.length - 1; at >= 0; at--) {
    const text = talk.texts[at]!;
    const words = inWords(text);
    if (words !== "" && (!visitor || text.sender === "caller")) return words;
  }
  return "";
}

/** How many of others were not on the screen yet. */
export function unread(talk: Talk, me: string): number {
  const { seen } = talk;
  return seen === null ? 0 : talk.texts.filter(({ position, sender }) => position > seen && sender !== me && sender !== "hotline").length;
}

/** Part of a text, or an address in it that may be followed. */
export interface Part {
  text: string;
  href: string | null;
}

/** Addresses of the web stand out, and nothing else does: whatever it says, a text is a text. */
export function parts(text: string): Part[] {
  const found: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`]+/gi)) {
    const address = match[0].replace(/[.,;:!?)\]}»”]+$/, "");
    if (!isAddress(address)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: null });
    found.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null });
  return found;
}

function isAddress(text: string): boolean {
  try {
    const { protocol, hostname, username, password } = new URL(text);
    return (protocol === "http:" || protocol === "https:") && hostname !== "" && username === "" && password === "";
  } catch {
    return false;
  }
}

/** The canned answers of which a part is typed behind "/"; all for "/" alone; null: none is looked for. */
export function wanted(typed: string, canned: readonly string[]): string[] | null {
  if (!/^\/[^\n]*$/.test(typed)) return null;
  const words = typed.slice(1).toLowerCase().split(/\s+/).filter((word) => word !== "");
  return canned.filter((text) => words.every((word) => text.toLowerCase().includes(word)));
}
