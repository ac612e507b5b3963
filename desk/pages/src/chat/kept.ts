/** What this browser keeps of a chat, so that a reload loses nothing; a browser that keeps nothing has it until it is closed. */

import { isFileId } from "../base/files";
import { NEW, type Chat } from "./chat";
import type { Own } from "./own";
import { asMessage } from "./wire";

export const KEPT = "hotline.chat";
export const KEPT_MESSAGES = 200;
const KEPT_MS = 24 * 3600 * 1000;         // after the last change
const TOKEN = /^[A-Za-z0-9_-]{20,64}$/;
const CALL = /^[0-9a-f-]{36}$/;

/** As text; what was typed as a secret is left out. */
export function written(chat: Chat, now: number): string {
  const { token, call, name, phase, messages, own } = chat;
  return JSON.stringify({
    token, call, name, phase: phase === "starting" ? "none" : phase, at: now, messages: messages.slice(-KEPT_MESSAGES),
    own: own.filter(({ secret, file }) => !secret && file?.id !== ""),      // a file that is not sent is this page's alone
  });
}

/** A chat of what was kept; a new one for anything that is none of ours, or old. */
export function remembered(text: string | null, now: number): Chat {
  const kept = parsed(text);
  if (kept === null || typeof kept["at"] !== "number" || now - kept["at"] > KEPT_MS || !isMatch(TOKEN, kept["token"])) return NEW;
  const name = typeof kept["name"] === "string" ? kept["name"].slice(0, 80) : "";
  const phase = kept["phase"] === "going" || kept["phase"] === "over" ? kept["phase"] : "none";
  if (phase === "none" || !isMatch(CALL, kept["call"])) return { ...NEW, token: kept["token"], name };
  const messages = asList(kept["messages"]).map(asMessage).filter((one) => one !== null).sort((a, b) => a.position - b.position);
  return { ...NEW, token: kept["token"], name, call: kept["call"], phase, messages, own: asList(kept["own"]).filter(isOwn) };
}

export function recall(now: number): Chat {
  return remembered(stored(), now);
}

export function keep(chat: Chat, now: number): void {
  try {
    if (chat.token === "") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, written(chat, now));
  } catch {
    // forbidden, or full: it holds until the page is closed
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // nothing is kept there then
  }
}

export function isToken(given: string): boolean {
  return TOKEN.test(given);
}

/** Whether this browser lets us keep anything: in a frame of another site many do not. */
export function canKeep(): boolean {
  try {
    return localStorage.length >= 0;
  } catch {
    return false;
  }
}

/** The visitor that a tab of this browser is now; "" for none. */
export function tokenOf(text: string | null): string {
  const token = parsed(text)?.["token"];
  return isMatch(TOKEN, token) ? token : "";
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function parsed(text: string | null): Record<string, unknown> | null {
  try {
    const given: unknown = JSON.parse(text ?? "null");
    return typeof given === "object" && given !== null && !Array.isArray(given) ? given as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

function isMatch(pattern: RegExp, given: unknown): given is string {
  return typeof given === "string" && pattern.test(given);
}

function asList(given: unknown): unknown[] {
  return Array.isArray(given) ? given : [];
}

function isOwn(given: unknown): given is Own {
  if (typeof given !== "object" || given === null) return false;
  const one = given as Record<string, unknown>;
  if (one["file"] !== undefined && !isOwnFile(one["file"])) return false;
  const words = ["key", "body", "label", "at", "reason"].every((name) => typeof one[name] === "string");
  return words && (one["state"] === "sending" || one["state"] === "refused") && typeof one["secret"] === "boolean";
}

function isOwnFile(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  const { id, name, bytes, part } = given as Record<string, unknown>;
  return isFileId(id) && typeof name === "string" && typeof bytes === "number" && typeof part === "number";
}
