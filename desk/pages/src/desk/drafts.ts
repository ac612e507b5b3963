/** What was typed into a request and is not saved: kept in this browser by operator and call, so that neither a reload nor
 * a crash loses it; thrown away once it is saved, and after a day. */

export interface Values {
  topic: string;
  result: string;
  note: string;
  filled: Record<string, string>;
}

/** What is not in it was not touched, and is as whoever saved last has it. */
export interface Draft {
  topic?: string;
  result?: string;
  note?: string;
  filled: Record<string, string>;
  /** What it was typed over. */
  base: Values;
  /** Date.now() of the last key. */
  at: number;
}

const PREFIX = "hotline.draft.";
const DAY_MS = 24 * 3600 * 1000;
const MOST = 50;

const nameOf = (who: string, call: string) => `${PREFIX}${who}.${call}`;

export function readDraft(who: string, call: string, now = Date.now()): Draft | null {
  try {
    const draft: unknown = JSON.parse(localStorage.getItem(nameOf(who, call)) ?? "null");
    return isDraft(draft) && now - draft.at < DAY_MS ? draft : null;
  } catch {
    return null;
  }
}

export function keepDraft(who: string, call: string, draft: Draft | null): void {
  try {
    if (draft === null) localStorage.removeItem(nameOf(who, call));
    else localStorage.setItem(nameOf(who, call), JSON.stringify(draft));
  } catch {
    // no room, or none allowed: it is kept as long as the page is
  }
}

/** What is still unsaved once `sent` was: what somebody went on typing while it was on its way. */
export function leftAfter(sent: Draft | null, now: Draft | null): Draft | null {
  return now === null || (sent !== null && now.at === sent.at) ? null : now;
}

/** Old ones go, and the oldest of too many. */
export function sweepDrafts(now = Date.now()): void {
  try {
    const found: [string, number][] = [];
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue;
      const draft: unknown = JSON.parse(localStorage.getItem(name) ?? "null");
      found.push([name, isDraft(draft) ? draft.at : 0]);
    }
    found.sort(([, one], [, other]) => other - one);
    found.forEach(([name, at], place) => { if (place >= MOST || now - at >= DAY_MS) localStorage.removeItem(name); });
  } catch {
    // nothing is kept there then
  }
}

/** `hear` is called when another tab changed this draft. */
export function followDraft(who: string, call: string, hear: () => void): () => void {
  const heard = (event: StorageEvent) => { if (event.key === nameOf(who, call)) hear(); };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { topic, result, note, filled, base, at } = value as Record<string, unknown>;
  return [topic, result, note].every((text) => text === undefined || typeof text === "string") && typeof at === "number"
    && [filled, base].every((all) => typeof all === "object" && all !== null);
}
