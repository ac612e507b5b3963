/** What this browser keeps: devices and volume (for all tabs), a call with its token and what was heard (for one tab). */

import type { Kept } from "./machine";

export interface Choices {
  input: string;
  output: string;
  ring: string;
  volume: number;
  /** Whether calls ring in this browser. */
  here: boolean;
}

const CHOICES = "hotline.audio";
const FIRST: Choices = { input: "", output: "", ring: "", volume: 1, here: false };

export function choices(): Choices {
  try {
    const kept = JSON.parse(localStorage.getItem(CHOICES) ?? "{}") as Partial<Choices>;
    const named = (value: unknown) => (typeof value === "string" ? value : "");
    const volume = typeof kept.volume === "number" ? Math.min(1.5, Math.max(0, kept.volume)) : 1;
    return { input: named(kept.input), output: named(kept.output), ring: named(kept.ring), volume, here: kept.here === true };
  } catch {
    return FIRST;
  }
}

export function keepChoices(chosen: Choices): void {
  try {
    localStorage.setItem(CHOICES, JSON.stringify(chosen));
  } catch {
    // they hold until the page is closed
  }
}

export function keptToken(kind: string): string | null {
  try {
    return sessionStorage.getItem(`hotline.call.${kind}`);
  } catch {
    return null;
  }
}

export function keepToken(kind: string, token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(`hotline.call.${kind}`);
    else sessionStorage.setItem(`hotline.call.${kind}`, token);
  } catch {
    // a page that is loaded again begins anew
  }
}

const MOST_KEPT = 60;        // lines of what was heard

export function keptCall(kind: string): Kept {
  const none: Kept = { number: "", heard: [], menu: null, queue: null, whom: "" };
  try {
    return { ...none, ...(JSON.parse(sessionStorage.getItem(`hotline.heard.${kind}`) ?? "{}") as Partial<Kept>) };
  } catch {
    return none;
  }
}

export function keepCall(kind: string, { number, heard, menu, queue, whom }: Kept): void {
  try {
    sessionStorage.setItem(`hotline.heard.${kind}`, JSON.stringify({ number, heard: heard.slice(-MOST_KEPT), menu, queue, whom }));
  } catch {
    // the call goes on; what was heard is not shown again
  }
}
