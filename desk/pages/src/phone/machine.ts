/**
 * The phone in the page as a pure machine: what people do, what the server says and what happens to the connection go
 * in; the next state and what is to be done come out. `now` is the page's clock in ms.
 */

import type { Link } from "./link";
import { KEYS, type CallState, type FromServer, type HeardItem, type MenuOption, type ToServer } from "./wire";

/** A line of what is heard. `clips` tell whether it is still the same. */
export interface HeardLine {
  id: number;
  kind: NonNullable<HeardItem["kind"]>;
  text: string;
}

export interface Phone {
  connection: "off" | "connecting" | "open" | "reconnecting" | "refused";
  /** Why there is no connection: as `Refusal`, or "lost". */
  refusal: string;
  state: CallState | "dialling";
  account: string | null;
  token: string | null;
  call: string | null;
  number: string;
  name: string;
  /** When the state began, and when the call was answered (0: not yet). */
  since: number;
  answeredAt: number;
  muted: boolean;
  /** How the last call ended; null while there is one, or before the first. */
  ended: { reason: string; status: number; talked_ms: number } | null;
  heard: readonly HeardLine[];
  menu: { name: string; title: string; path: readonly string[]; options: readonly MenuOption[] } | null;
  queue: { place: number; wait: number | null; at: number } | null;
  /** Whom the caller has at the other end beside menus and queues. */
  whom: "operator" | "music" | "";
  figures: { late_ms: number; lost: number };
  /** Whether this goes on with a call of before the page was loaded again, and what is shown is of it. */
  resumed: boolean;
  /** The last thing that the server did not do. */
  fault: { code: string; message: string } | null;
}

export type PhoneEvent =
  | { type: "dial"; number: string }
  | { type: "answer" }
  | { type: "hang_up" }
  | { type: "hold"; held: boolean }
  | { type: "mute"; muted: boolean }
  | { type: "key"; key: string }
  | { type: "link"; link: Link }
  | { type: "said"; said: FromServer }
  | { type: "lost" }
  | { type: "resume"; kept: Kept };

/** What a page keeps of its call, to show it after it was loaded again. */
export type Kept = Pick<Phone, "number" | "heard" | "menu" | "queue" | "whom">;

export type PhoneDo =
  | { do: "say"; said: ToServer }
  | { do: "connect" }
  | { do: "audio"; on: boolean }
  | { do: "ring"; on: boolean }
  | { do: "mute"; muted: boolean }
  | { do: "tone"; key: string }
  | { do: "keep"; token: string | null }
  | { do: "give_up"; after_ms: number | null };

export const SILENT: Phone = {
  connection: "off", refusal: "", state: "idle", account: null, token: null, call: null, number: "", name: "", since: 0,
  answeredAt: 0, muted: false, ended: null, heard: [], menu: null, queue: null, whom: "", figures: { late_ms: 0, lost: 0 },
  resumed: false, fault: null,
};
export const MOST_HEARD = 200;          // lines; older ones go
const KEPT_MS = 10_000;                 // how long the server keeps the call of a page that is away

type Next = [Phone, PhoneDo[]];
export const inCall = ({ state }: Phone) => state !== "idle";
const isUp = (state: Phone["state"]) => state === "talking" || state === "held";

export function step(phone: Phone, event: PhoneEvent, now: number): Next {
  switch (event.type) {
    case "dial": return dial(phone, event.number, now);
    case "answer": return phone.state === "ringing" ? [phone, [{ do: "say", said: { type: "answer" } }]] : [phone, []];
    case "hang_up": return hangUp(phone, now);
    case "hold": return isUp(phone.state) ? [phone, [{ do: "say", said: { type: "hold", held: event.held } }]] : [phone, []];
    case "mute": return [{ ...phone, muted: event.muted }, [{ do: "mute", muted: event.muted }]];
    case "key": return key(phone, event.key);
    case "link": return linked(phone, event.link, now);
    case "lost":
      return phone.connection === "reconnecting" || phone.resumed ? over({ ...phone, refusal: "lost" }, "lost", 408, now) : [phone, []];
    case "resume":
      if (inCall(phone)) return [phone, []];
      return [{ ...phone, ...event.kept, resumed: true }, [{ do: "connect" }, { do: "give_up", after_ms: KEPT_MS }]];
    case "said": return SAID[event.said.type]?.(phone, event.said as never, now) ?? [phone, []];
  }
}

// --- what people do ----------------------------------------------------------------------------------------------
function dial(phone: Phone, number: string, now: number): Next {
  if (inCall(phone) || number === "") return [phone, []];
  const next: Phone = { ...phone, state: "dialling", number, name: "", since: now, answeredAt: 0, ended: null, heard: [],
                        menu: null, queue: null, whom: "", fault: null, refusal: "" };
  if (phone.connection === "open") return [next, [{ do: "audio", on: true }, { do: "say", said: { type: "dial", number } }]];
  return [next, [{ do: "audio", on: true }, { do: "connect" }]];
}

function hangUp(phone: Phone, now: number): Next {
  if (phone.state === "idle") return phone.resumed ? over(phone, "hung_up", 200, now) : [phone, []];
  const said: PhoneDo = { do: "say", said: { type: "hang_up" } };
  // the server answers `ended`; without a connection nobody does
  if (phone.connection === "open")
    return phone.state === "dialling" ? withFirst(said, over(phone, "cancelled", 487, now)) : [phone, [said]];
  return over(phone, "hung_up", 200, now);
}

function key(phone: Phone, pressed: string): Next {
  if (!(KEYS as readonly string[]).includes(pressed)) return [phone, []];
  if (!isUp(phone.state)) return [phone, [{ do: "tone", key: pressed }]];
  return [phone, [{ do: "tone", key: pressed }, { do: "say", said: { type: "key", key: pressed } }]];
}

// --- the connection ----------------------------------------------------------------------------------------------
function linked(phone: Phone, link: Link, now: number): Next {
  const next: Phone = { ...phone, connection: link.state, refusal: link.refusal ?? "" };
  if (link.state === "refused") return inCall(phone) || phone.resumed ? over(next, link.refusal ?? "", 0, now) : [next, [ringing(false)]];
  if (link.state === "reconnecting" && phone.connection === "open" && inCall(phone))
    return [next, [{ do: "give_up", after_ms: KEPT_MS }]];
  return [next, link.state === "open" ? [{ do: "give_up", after_ms: null }] : []];
}

function ready(phone: Phone, said: Extract<FromServer, { type: "ready" }>, now: number): Next {
  const next: Phone = { ...phone, account: said.account, token: said.token };
  const keep: PhoneDo = { do: "keep", token: said.token };
  if (phone.state === "dialling") return [next, [keep, { do: "say", said: { type: "dial", number: phone.number } }]];
  if (said.state === "idle" && (inCall(phone) || phone.resumed)) return withFirst(keep, over(next, "lost", 408, now));
  return withFirst(keep, moved(next, said.state, { call: said.call }, now));
}

// --- what the server says ----------------------------------------------------------------------------------------
type Said = { [Type in FromServer["type"]]?: (phone: Phone, said: Extract<FromServer, { type: Type }>, now: number) => Next };
const SAID: Said = {
  ready,
  state: (phone, said, now) => {
    // a state that was on its way when the next call was dialled is of the last one
    if (phone.state === "dialling" && said.state === "idle") return [phone, []];
    return moved(phone, said.state, { call: said.call, number: said.number || phone.number, name: said.name }, now);
  },
  ended: (phone, said, now) => (inCall(phone) ? over(phone, said.reason, said.status, now) : [phone, []]),
  heard: (phone, said) => [{ ...phone, heard: written(phone.heard, said.items) }, []],
  menu: (phone, { name, title, path, options }) =>
    [{ ...phone, queue: null, whom: "", menu: { name, title, path, options } }, []],
  queue: (phone, said, now) => [{ ...phone, menu: null, whom: "", queue: { place: said.place, wait: said.wait, at: now } }, []],
  with: (phone, said) => [{ ...phone, menu: null, queue: null, whom: said.whom }, []],
  figures: (phone, said) => [{ ...phone, figures: { late_ms: said.late_ms, lost: said.lost } }, []],
  refused: (phone, said, now) => {
    const next: Phone = { ...phone, fault: { code: said.code, message: said.message } };
    return phone.state === "dialling" || phone.resumed ? over(next, said.code, 0, now) : [next, []];
  },
};

function moved(phone: Phone, state: CallState, rest: Partial<Phone>, now: number): Next {
  const next: Phone = { ...phone, ...rest, state, since: phone.state === state ? phone.since : now,
                        answeredAt: isUp(state) ? phone.answeredAt || now : 0 };
  if (state === "idle") return inCall(phone) ? over(phone, "", 0, now) : [{ ...next, call: null, number: "", name: "" }, []];
  const answered = phone.state === "ringing" && state !== "ringing";
  if (inCall(phone)) return [next, answered ? [ringing(false), { do: "audio", on: true }] : []];
  const shown = phone.resumed ? { number: next.number || phone.number } : { heard: [], menu: null, queue: null, whom: "" as const };
  const fresh: Phone = { ...next, ...shown, resumed: false, ended: null, fault: null };
  return [fresh, state === "ringing" ? [ringing(true)] : [{ do: "audio", on: true }]];
}

function over(phone: Phone, reason: string, status: number, now: number): Next {
  const talked_ms = phone.answeredAt > 0 ? now - phone.answeredAt : 0;
  return [{ ...phone, state: "idle", call: null, since: now, answeredAt: 0, muted: false, menu: null, queue: null, whom: "",
            resumed: false, ended: { reason, status, talked_ms } },
          [ringing(false), { do: "mute", muted: false }, { do: "audio", on: false }, { do: "give_up", after_ms: null }]];
}

/** One line for each play: its pieces together; music and silence that go on are not told twice. */
function written(lines: readonly HeardLine[], items: readonly HeardItem[]): readonly HeardLine[] {
  const kind = items[0]?.kind ?? "speech";
  const text = items.map((item) => item.text).filter((one) => one !== "").join(" ");
  const last = lines.at(-1);
  if (items.length === 0 || (kind === "speech" && text === "")) return lines;
  if (kind !== "speech" && last?.kind === kind) return lines;
  return [...lines.slice(1 - MOST_HEARD), { id: (last?.id ?? 0) + 1, kind, text }];
}

const ringing = (on: boolean): PhoneDo => ({ do: "ring", on });
const withFirst = (first: PhoneDo, [phone, todo]: Next): Next => [phone, [first, ...todo]];
