/** What the visitor has written or attached and the hotline has not kept: a text is said, a file is sent and then said. */

import type { SaidFile } from "../base/files";
import type { Chat, Do } from "./chat";

/** A message on its way. */
export interface Own {
  key: string;
  body: string;
  /** What stands on the button that said it. */
  label: string;
  at: string;
  secret: boolean;
  state: "sending" | "refused";
  reason: string;
  /** Of a file. */
  file?: OwnFile;
}

/** A file on its way: first it is sent, then it is said. */
export interface OwnFile {
  /** The server's id; "" until it has all of it. */
  id: string;
  name: string;
  bytes: number;
  /** How much of it is there, from 0 to 1. */
  part: number;
}

/** A file that is not there yet is not said. */
export function said(own: Own): Do[] {
  if (own.file !== undefined) return own.file.id === "" ? [] : [{ do: "send", said: { type: "say", key: own.key, file: own.file.id } }];
  return [{ do: "send", said: { type: "say", key: own.key, body: own.body, ...(own.secret ? { secret: true as const } : {}) } }];
}

export function attach(chat: Chat, own: Own): [Chat, Do[]] {
  if (chat.phase !== "going" || chat.secret || own.file === undefined) return [chat, []];
  const { bytes } = own.file;
  const wrong = bytes === 0 ? "empty" : bytes > chat.fileBytes ? "too_large" : "";
  return [{ ...chat, own: [...chat.own, wrong === "" ? own : refused(own, wrong)] }, wrong === "" ? [{ do: "upload", key: own.key }] : []];
}

export function sentFile(chat: Chat, key: string, file: SaidFile): [Chat, Do[]] {
  const now = changed(chat, key, (own) => ({ ...own, body: JSON.stringify(file), file: { id: file.file, name: file.name, bytes: file.bytes, part: 1 } }));
  const own = now.own.find((one) => one.key === key && one.state === "sending");
  return [now, own !== undefined && chat.link === "ready" ? said(own) : []];
}

export function changed(chat: Chat, key: string, change: (own: Own) => Own): Chat {
  return { ...chat, own: chat.own.map((own) => (own.key === key && own.file !== undefined ? change(own) : own)) };
}

export function refused(own: Own, reason: string): Own {
  return own.state === "refused" ? own : { ...own, state: "refused", reason };
}

export function replaced(all: readonly Own[], own: Own): Own[] {
  return all.map((one) => (one.key === own.key ? own : one));
}
