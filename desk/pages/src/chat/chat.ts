/**
 * The visitor's side of a chat as a pure machine: what happens goes in, what is to be done comes out.
 *
 * What is written is `sending` until the server says that it is kept; until then it is said again, under the same key,
 * after each reconnection. What can't be kept is `refused`, and the visitor may try again.
 */

import type { SaidFile } from "../base/files";
import { attach, changed, refused, replaced, said, sentFile, type Own } from "./own";
import { NONE, answered, asked, back, goesOn, told as voiceTold, type Voice, type Way } from "./voice";
import { FOREIGN, LONGEST, NOT_OPEN, SLOWER, TOO_LARGE, type Message, type Said, type Told } from "./wire";

export type LinkState = "off" | "connecting" | "open" | "ready" | "waiting" | "closed" | "foreign";
export type Phase = "none" | "starting" | "going" | "over";

export interface Chat {
  link: LinkState;
  tries: number;
  token: string;
  call: string;
  name: string;
  phase: Phase;
  messages: readonly Message[];
  own: readonly Own[];
  secret: boolean;
  /** What the menu speaks; "" until it is known. */
  language: string;
  /** Who is writing, and until when that holds (ms); null: nobody. */
  typing: { name: string; until: number } | null;
  /** Why no chat began. */
  trouble: string;
  /** How large a file may be; 0: none are taken. */
  fileBytes: number;
  /** The visitor has ended the chat, and the server does not know yet. */
  leaving: boolean;
  /** The code that an operator told by telephone, of a chat that begins; else "". */
  invite: string;
  /** The ways in which one may speak here. */
  calls: readonly Way[];
  voice: Voice;
}

export type Event =
  | { type: "wanted" }
  | { type: "opened" }
  | { type: "closed"; code: number }
  | { type: "waited" }
  | { type: "told"; told: Told; now: number }
  | { type: "start"; name: string; invite?: string }
  | { type: "say"; key: string; body: string; label: string; at: string }
  | { type: "attach"; key: string; name: string; bytes: number; at: string }
  | { type: "sent_part"; key: string; part: number }
  | { type: "sent_file"; key: string; said: SaidFile }
  | { type: "not_sent"; key: string; reason: string }
  | { type: "again"; key: string }
  | { type: "drop"; key: string }
  | { type: "leave" }
  | { type: "call_me"; number: string | null }
  | { type: "anew" }
  | { type: "kept_elsewhere"; token: string }
  | { type: "ticked"; now: number };
export type Do = { do: "open" } | { do: "close" } | { do: "wait"; ms: number } | { do: "send"; said: Said } | { do: "hello_again"; ms: number }
  | { do: "upload"; key: string } | { do: "stop_upload"; key: string };

export const NEW: Chat = {
  link: "off", tries: 0, token: "", call: "", name: "", phase: "none", messages: [], own: [], secret: false, language: "",
  typing: null, trouble: "", fileBytes: 0, leaving: false, invite: "", calls: [], voice: NONE,
};
const WAITS = [300, 1000, 2000, 4000, 8000, 15_000, 30_000];
const SLOWER_FROM = 5;              // of these, where the server asks for patience
const AWAY_AGAIN = 2000;            // ms until what found nobody is said again
const WRITES_FOR = 7000;            // ms that "is writing" is shown
const MOST = 1000;                  // messages that the page holds

export function step(chat: Chat, event: Event): [Chat, Do[]] {
  switch (event.type) {
    case "wanted":
      return chat.link === "off" || chat.link === "waiting" ? [{ ...chat, link: "connecting" }, [{ do: "open" }]] : [chat, []];
    case "opened":
      return [{ ...chat, link: "open" }, [{ do: "send", said: hello(chat) }]];
    case "closed":
      return closed(chat, event.code);
    case "waited":
      if (chat.link === "waiting") return [{ ...chat, link: "connecting" }, [{ do: "open" }]];
      if (chat.link === "open") return [chat, [{ do: "send", said: hello(chat) }]];
      return [chat, chat.link === "ready" ? [...chat.own.filter(isAway).flatMap(said), ...goodbye(chat)] : []];
    case "told":
      return told(chat, event.told, event.now);
    case "start":
      return start({ ...chat, name: event.name, invite: event.invite ?? "", phase: "starting", trouble: "" });
    case "say":
      return say(chat, { key: event.key, body: event.body, label: event.label, at: event.at, secret: chat.secret, state: "sending", reason: "" });
    case "again":
      return again(chat, event.key);
    case "attach":
      return attach(chat, { key: event.key, body: "", label: "", at: event.at, secret: false, state: "sending", reason: "",
        file: { id: "", name: event.name, bytes: event.bytes, part: 0 } });
    case "sent_part":
      return [changed(chat, event.key, (own) => ({ ...own, file: { ...own.file!, part: event.part } })), []];
    case "sent_file":
      return sentFile(chat, event.key, event.said);
    case "not_sent":
      return [changed(chat, event.key, (own) => refused(own, event.reason)), []];
    case "drop":
      return [{ ...chat, own: chat.own.filter(({ key }) => key !== event.key) }, chat.own.some((own) => own.key === event.key && own.file !== undefined) ? [{ do: "stop_upload", key: event.key }] : []];
    case "leave":
      return chat.phase === "going" ? [{ ...chat, leaving: true }, chat.link === "ready" ? goodbye({ ...chat, leaving: true }) : []] : [chat, []];
    case "call_me":
      if (chat.phase !== "going" || chat.link !== "ready" || goesOn(chat.voice)) return [chat, []];
      return [{ ...chat, voice: asked() }, [{ do: "send", said: { type: "call_me", ...(event.number === null ? {} : { number: event.number }) } }]];
    case "anew":
      return [{ ...chat, phase: "none", call: "", messages: [], own: [], secret: false, typing: null, trouble: "" }, []];
    case "kept_elsewhere":
      // Another tab has a chat: this one, which has none, becomes the same visitor.
      if (event.token === "" || event.token === chat.token || chat.phase === "going" || chat.phase === "starting") return [chat, []];
      return [{ ...NEW, token: event.token, name: chat.name, link: "waiting" }, [{ do: "close" }, { do: "wait", ms: 0 }]];
    case "ticked":
      return [chat.typing !== null && event.now >= chat.typing.until ? { ...chat, typing: null } : chat, []];
  }
}

/** The message whose options can be chosen now. */
export function offering(chat: Chat): Message | undefined {
  const last = chat.messages.at(-1);
  const free = chat.phase === "going" && chat.own.length === 0 && last !== undefined && last.from === "hotline";
  return free && last.options.length > 0 ? last : undefined;
}

/** The language that the visitor and the hotline write: a menu has one before anybody has answered, and it may be
 * nobody's. "": not known. */
export function spoken(chat: Chat): string {
  return chat.messages.some(({ from }) => from === "me") ? chat.language : "";
}

/** The position up to which the page has everything. */
export function upTo(chat: Chat): number {
  return chat.messages.at(-1)?.position ?? -1;
}

function hello(chat: Chat): Said {
  return { type: "hello", token: chat.token || null, call: chat.call || null, after: upTo(chat) };
}

function goodbye(chat: Chat): Do[] {
  return chat.leaving ? [{ do: "send", said: { type: "leave" } }] : [];
}

function isAway(own: Own): boolean {
  return own.state === "sending" && own.reason === "away";
}

function start(chat: Chat): [Chat, Do[]] {
  return [chat, chat.link === "ready" ? [{ do: "send", said: { type: "start", name: chat.name, ...(chat.invite === "" ? {} : { invite: chat.invite }) } }] : []];
}

function say(chat: Chat, own: Own): [Chat, Do[]] {
  if (chat.phase !== "going" || own.body === "" || own.body.length > LONGEST) return [chat, []];
  const shown: Own = { ...own, label: own.label || labelOf(chat.messages, own.body) };
  return [{ ...chat, own: [...chat.own, shown] }, chat.link === "ready" ? said(shown) : []];
}

function again(chat: Chat, key: string): [Chat, Do[]] {
  const own = chat.own.find((one) => one.key === key);
  if (own === undefined || chat.phase !== "going") return [chat, []];
  const gone = own.file !== undefined && own.reason === "no_file";
  const file = gone ? { ...own.file!, id: "", part: 0 } : own.file;
  const anew: Own = { ...own, state: "sending", reason: "", ...(file !== undefined ? { file } : {}) };
  const todo: Do[] = file?.id === "" ? [{ do: "upload", key }] : chat.link === "ready" ? said(anew) : [];
  return [{ ...chat, own: replaced(chat.own, anew) }, todo];
}

function closed(chat: Chat, code: number): [Chat, Do[]] {
  if (chat.link === "off" || chat.link === "waiting") return [chat, []];
  if (code === NOT_OPEN || code === FOREIGN)
    return [{ ...chat, link: code === NOT_OPEN ? "closed" : "foreign", typing: null }, []];
  const tries = SLOWER.has(code) ? Math.max(chat.tries, SLOWER_FROM) : chat.tries;
  // What is too large for the server closes again and again: it is not said another time.
  const own = code === TOO_LARGE ? chat.own.map((one) => (one.file === undefined ? refused(one, "too_long") : one)) : chat.own;
  return [{ ...chat, link: "waiting", tries: tries + 1, own, typing: null }, [{ do: "wait", ms: WAITS[Math.min(tries, WAITS.length - 1)]! }]];
}

function told(chat: Chat, given: Told, now: number): [Chat, Do[]] {
  switch (given.type) {
    case "hello":
      return greeted(chat, given);
    case "started":
      return [given.call === chat.call && chat.phase === "going" ? chat : begun(chat, given.call), []];
    case "message":
      return [{ ...withMessage(chat, given.message), typing: given.message.from === "me" ? chat.typing : null }, []];
    case "kept":
      return [kept(chat, given), []];
    case "refused":
      return notKept(chat, given.key, given.reason);
    case "typing":
      return [chat.phase === "going" ? { ...chat, typing: { name: given.name, until: now + WRITES_FOR } } : chat, []];
    case "asks":
      return [{ ...chat, secret: given.secret, language: given.language || chat.language }, []];
    case "ended":
      return [given.call === "" || given.call === chat.call ? over(chat) : chat, []];
    case "call_me":
      return [{ ...chat, voice: answered(given.code) }, []];
    case "voice":
      return [{ ...chat, voice: voiceTold(chat.voice, given.how, given.reason, given.name) }, []];
    case "pong":
      return [chat, []];
  }
}

function greeted(chat: Chat, given: Told & { type: "hello" }): [Chat, Do[]] {
  const known: Chat = { ...chat, link: "ready", tries: 0, fileBytes: given.fileBytes, token: given.token || chat.token,
                        calls: given.calls, voice: back(chat.voice, given.voice, given.name) };
  if (given.call === "") {
    if (chat.phase === "starting") return start({ ...known, call: "" });
    return [chat.phase === "going" ? over(known) : known, []];
  }
  const here = given.call === chat.call ? known : begun(known, given.call);
  const now: Chat = { ...here, phase: "going", secret: given.secret, language: given.language || chat.language };
  return [now, [...now.own.filter(({ state }) => state === "sending").flatMap(said), ...goodbye(now)]];
}

function begun(chat: Chat, call: string): Chat {
  return { ...chat, call, phase: "going", messages: [], own: [], secret: false, typing: null, trouble: "", leaving: false, invite: "" };
}

function over(chat: Chat): Chat {
  return { ...chat, phase: "over", secret: false, typing: null, leaving: false, own: chat.own.map((one) => refused(one, "over")) };
}

function kept(chat: Chat, given: Told & { type: "kept" }): Chat {
  const own = chat.own.find(({ key }) => key === given.key);
  const rest = chat.own.filter(({ key }) => key !== given.key);
  const body = own !== undefined && !own.secret && given.body === "" ? own.body : own?.secret === true ? HIDDEN : given.body;
  // What another tab of this visitor has said comes in the same way.
  if (own === undefined && given.body === "") return chat;
  return withMessage({ ...chat, own: rest }, {
    position: given.position, at: given.at || own?.at || "", from: "me", name: "", form: given.form || (own?.file !== undefined ? "file" : "text"), body, options: [], key: given.key,
    label: own !== undefined && body === own.body && own.file === undefined ? own.label : "",
  });
}

export const HIDDEN = "••••";

function withMessage(chat: Chat, message: Message): Chat {
  if (chat.messages.some(({ position }) => position === message.position)) return chat;
  const own = message.key === "" ? chat.own : chat.own.filter(({ key }) => key !== message.key);
  const at = chat.messages.filter(({ position }) => position < message.position).length;
  const labelled = message.from === "me" && message.label === "" ? { ...message, label: labelOf(chat.messages.slice(0, at), message.body) } : message;
  return { ...chat, own, messages: [...chat.messages.slice(0, at), labelled, ...chat.messages.slice(at)].slice(-MOST) };
}

/** What was on the button, if an answer is the key of one. */
function labelOf(before: readonly Message[], body: string): string {
  const asked = before.filter(({ from, options }) => from === "hotline" && options.length > 0).at(-1);
  return asked?.options.find(([keys]) => keys === body.trim())?.[1] ?? "";
}

function notKept(chat: Chat, key: string, reason: string): [Chat, Do[]] {
  if (chat.link === "open") return [chat, [{ do: "hello_again", ms: AWAY_AGAIN }]];      // it was our hello
  const own = key === "" ? undefined : chat.own.find((one) => one.key === key);
  if (own !== undefined) {
    if (reason === "away") return [{ ...chat, own: replaced(chat.own, { ...own, reason }) }, [{ do: "hello_again", ms: AWAY_AGAIN }]];
    return [{ ...chat, own: replaced(chat.own, refused(own, reason === "no_chat" ? "over" : reason)) }, []];
  }
  if (chat.leaving && reason === "away") return [chat, [{ do: "hello_again", ms: AWAY_AGAIN }]];
  return [key === "" && chat.phase === "starting" ? { ...chat, phase: "none", trouble: reason } : chat, []];
}
