/** Files of chats, as both pages show and send them: what a message says of one, and its way to the server. */

import { ApiError } from "./api";

/** What a message of the form "file" says (`ivr/base/file_said.py`). */
export interface SaidFile {
  file: string;
  name: string;
  type: string;
  bytes: number;
  /** Pixels of a picture that may be drawn; 0: it is for downloading. */
  width: number;
  height: number;
}

/** What a browser offers to choose from; the server looks at the content. */
export const ACCEPTED = "image/png,image/jpeg,image/webp,image/gif,application/pdf,text/plain,.pdf,.txt,.log";
const ID = /^[0-9a-f]{32}$/;
const SHOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);
const LONGEST_NAME = 100;

export const isFileId = (given: unknown): given is string => typeof given === "string" && ID.test(given);

/** Null for a body that is no file of ours. */
export function asFile(body: string | null): SaidFile | null {
  try {
    return readFile(JSON.parse(body ?? ""));
  } catch {
    return null;
  }
}

export function readFile(given: unknown): SaidFile | null {
  if (typeof given !== "object" || given === null) return null;
  const one = given as Record<string, unknown>;
  const { file, name, type, bytes } = one;
  if (!isFileId(file) || typeof name !== "string" || typeof type !== "string" || typeof bytes !== "number") return null;
  const isShown = SHOWN.has(type) && isSide(one["width"]) && isSide(one["height"]);
  return { file, name, type, bytes, width: isShown ? Number(one["width"]) : 0, height: isShown ? Number(one["height"]) : 0 };
}

const isSide = (given: unknown) => typeof given === "number" && given > 0 && given <= 65_536;

/** "1.4 MB": as people read it. */
export function sizeIn(language: string, bytes: number): string {
  const [unit, of] = bytes >= 1e6 ? ["megabyte", 1e6] : bytes >= 1000 ? ["kilobyte", 1000] : ["byte", 1];
  const unitDisplay = unit === "byte" ? "long" : "short";      // the short form of "bytes" has no plural in English
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay, maximumFractionDigits: unit === "megabyte" ? 1 : 0 }).format(bytes / of);
}

export interface Sending {
  done: Promise<SaidFile>;
  stop: () => void;
}

/** Send a file; `onPart` hears how much of it is there, from 0 to 1. Fails with ApiError: `broken_off` without a network. */
export function sendFile(path: string, file: File, headers: Readonly<Record<string, string>>, onPart: (part: number) => void): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<SaidFile>((keep, fail) => {
    request.upload.onprogress = ({ loaded, total }) => onPart(total > 0 ? loaded / total : 0);
    request.onerror = request.onabort = request.ontimeout = () => fail(new ApiError(0, "broken_off", ""));
    request.onload = () => {
      const said = request.status === 201 ? readFile(parsed(request.responseText)) : null;
      if (said !== null) keep(said);
      else fail(problemOf(request));
    };
    request.open("POST", path);
    request.setRequestHeader("X-Hotline", "1");
    request.setRequestHeader("X-Hotline-Name", headerName(file.name));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(file.slice(0, file.size, "application/octet-stream"));
  });
  return { done, stop: () => request.abort() };
}

/** The end of a name has its kind; half a character is none. */
export function headerName(name: string): string {
  const bare = name.slice(-LONGEST_NAME).replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
  return encodeURIComponent(bare);
}

function problemOf(request: XMLHttpRequest): ApiError {
  const given = parsed(request.responseText) as { code?: unknown; message?: unknown } | null;
  return new ApiError(request.status, String(given?.code ?? "unknown"), String(given?.message ?? request.statusText));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Files that were pasted or dropped; none where it was text. */
export function filesOf(given: DataTransfer | null): File[] {
  return [...(given?.files ?? [])];
}
