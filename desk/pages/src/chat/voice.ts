/** What the page knows of a call beside its chat: pure, as `chat.ts` is. */

export interface Voice {
  /** `asking`: the server has not answered; `ready`: the call can begin with `code`; `wished`: the operator has the number;
   * else as the server says: rings, waits, queued, dials, talks, over, refused. "": there was none. */
  how: string;
  reason: string;
  /** Of the operator. */
  name: string;
  code: string;
}

export const NONE: Voice = { how: "", reason: "", name: "", code: "" };
export const WAYS = ["page", "telephone"] as const;
export type Way = (typeof WAYS)[number];

const GOES_ON = new Set(["begins", "rings", "waits", "queued", "dials", "talks"]);

export const goesOn = ({ how }: Voice): boolean => GOES_ON.has(how);

/** The visitor asks to be called. */
export const asked = (): Voice => ({ ...NONE, how: "asking" });

/** The server has given a code for the call in a page; "": it has noted the number. */
export const answered = (code: string): Voice => ({ ...NONE, how: code === "" ? "wished" : "ready", code });

/** How it stands now. What is refused leaves a call that goes on as it is. */
export function told(voice: Voice, how: string, reason: string, name: string): Voice {
  if (how === "refused" && goesOn(voice)) return voice;
  return { how, reason, name: name || voice.name, code: goesOn({ ...NONE, how }) ? "" : how === "over" || how === "refused" ? "" : voice.code };
}

/** The page is back: what it was told before may be over. */
export function back(voice: Voice, how: string, name: string): Voice {
  if (how !== "") return { ...NONE, how, name };
  return goesOn(voice) || voice.how === "asking" || voice.how === "ready" ? { ...NONE, how: goesOn(voice) ? "over" : "" } : voice;
}

export const known = (ways: unknown): Way[] => (Array.isArray(ways) ? WAYS.filter((way) => ways.includes(way)) : []);
