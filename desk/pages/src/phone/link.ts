/**
 * The page's connection as a pure machine: what happens to the socket goes in, what is to be done comes out.
 *
 * A connection that breaks is made again at once, then after 0.25, 0.5, 1 and each further 2 s; whoever has a token says
 * it, and has the call that was going on. What the server refuses for good (CLOSED) is not tried again.
 */

import { CLOSED, type Refusal } from "./wire";

export type LinkState = "off" | "connecting" | "open" | "reconnecting" | "refused";
export interface Link {
  state: LinkState;
  tries: number;
  refusal: Refusal | null;
}
export type LinkEvent =
  | { type: "wanted" }
  | { type: "unwanted" }
  | { type: "opened" }
  | { type: "closed"; code: number }
  | { type: "waited" };
export type LinkDo = { do: "open" } | { do: "hello" } | { do: "wait"; ms: number } | { do: "close" };

export const OFF: Link = { state: "off", tries: 0, refusal: null };
const WAITS = [0, 250, 500, 1000, 2000];

export function stepLink(link: Link, event: LinkEvent): [Link, LinkDo[]] {
  switch (event.type) {
    case "wanted":
      if (link.state === "connecting" || link.state === "open" || link.state === "reconnecting") return [link, []];
      return [{ state: "connecting", tries: 0, refusal: null }, [{ do: "open" }]];
    case "unwanted":
      return [OFF, link.state === "off" ? [] : [{ do: "close" }]];
    case "opened":
      if (link.state === "off" || link.state === "refused") return [link, [{ do: "close" }]];
      return [{ state: "open", tries: 0, refusal: null }, [{ do: "hello" }]];
    case "closed":
      return closed(link, event.code);
    case "waited":
      return link.state === "reconnecting" ? [link, [{ do: "open" }]] : [link, []];
  }
}

function closed(link: Link, code: number): [Link, LinkDo[]] {
  if (link.state === "off" || link.state === "refused") return [link, []];
  const refusal = CLOSED[code];
  if (refusal !== undefined) return [{ state: "refused", tries: 0, refusal }, []];
  const ms = WAITS[Math.min(link.tries, WAITS.length - 1)]!;
  return [{ state: "reconnecting", tries: link.tries + 1, refusal: null }, [{ do: "wait", ms }]];
}
