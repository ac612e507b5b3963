import { describe, expect, it } from "vitest";
import type { Link } from "./link";
import { MOST_HEARD, SILENT, step, type Phone, type PhoneDo, type PhoneEvent } from "./machine";
import type { FromServer } from "./wire";

const link = (state: Link["state"], refusal: Link["refusal"] = null): PhoneEvent => ({ type: "link", link: { state, tries: 0, refusal } });
const said = (one: FromServer): PhoneEvent => ({ type: "said", said: one });
const ready = (state: "idle" | "talking" = "idle"): PhoneEvent => said({ type: "ready", token: "t", account: null, state, call: null });
const now = (state: "idle" | "calling" | "ringing" | "talking" | "held"): PhoneEvent =>
  said({ type: "state", state, call: "c", number: "100", name: "Anna" });

/** A phone to which this happened, one second after the other, and all that was done. */
function after(...events: PhoneEvent[]): [Phone, PhoneDo[]] {
  const all: PhoneDo[] = [];
  let phone = SILENT;
  events.forEach((event, second) => {
    const [next, todo] = step(phone, event, 1000 * (second + 1));
    phone = next;
    all.push(...todo);
  });
  return [phone, all];
}

const says = (todo: PhoneDo[]) => todo.filter((one) => one.do === "say").map((one) => (one.do === "say" ? one.said : null));
const OPEN = [link("connecting"), link("open"), ready()];
const TALKING = [...OPEN, { type: "dial", number: "100" } as PhoneEvent, now("calling"), now("talking")];

describe("a call from the page", () => {
  it("connects first, and dials once the server is ready", () => {
    const [phone, todo] = after({ type: "dial", number: "100" }, link("connecting"), link("open"), ready(), now("calling"), now("talking"));
    expect(phone.state).toBe("talking");
    expect(todo.filter((one) => one.do === "connect").length).toBe(1);
    expect(todo.filter((one) => one.do === "audio")).toEqual([{ do: "audio", on: true }]);
    expect(says(todo)).toEqual([{ type: "dial", number: "100" }]);
  });

  it("is timed from the answer, and that time is there when it has ended", () => {
    const [phone, todo] = after(...TALKING, now("held"), now("talking"), said({ type: "ended", reason: "the page hung up", status: 200 }));
    expect(phone.ended).toEqual({ reason: "the page hung up", status: 200, talked_ms: 3000 });
    expect([phone.state, phone.call, phone.muted]).toEqual(["idle", null, false]);
    expect(todo.at(-2)).toEqual({ do: "audio", on: false });
  });

  it("is one at a time", () => {
    expect(says(after(...TALKING, { type: "dial", number: "200" })[1]).length).toBe(1);
    expect(says(after(...OPEN, { type: "dial", number: "" })[1])).toEqual([]);
  });

  it("can be given up before anybody answers, with and without a connection", () => {
    const [dialled, todo] = after(...OPEN, { type: "dial", number: "100" }, { type: "hang_up" });
    expect([dialled.state, says(todo).at(-1)]).toEqual(["idle", { type: "hang_up" }]);
    expect(after({ type: "dial", number: "100" }, { type: "hang_up" })[0].state).toBe("idle");
    expect(after(...OPEN, { type: "dial", number: "100" }, { type: "hang_up" }, now("idle"))[0].ended?.status).toBe(487);
  });

  it("that the server does not take says why", () => {
    const [phone] = after(...OPEN, { type: "dial", number: "999" }, said({ type: "refused", code: "no_line", message: "No such line." }));
    expect([phone.state, phone.fault?.message, phone.ended?.reason]).toEqual(["idle", "No such line.", "no_line"]);
  });
});

describe("keys", () => {
  it("are sent in a call, and heard by who presses them anywhere", () => {
    const [, todo] = after(...TALKING, { type: "key", key: "5" }, { type: "key", key: "x" });
    expect(says(todo).at(-1)).toEqual({ type: "key", key: "5" });
    expect(todo.filter((one) => one.do === "tone").length).toBe(1);
    expect(says(after(...OPEN, { type: "key", key: "5" })[1])).toEqual([]);
  });
});

describe("a call to the page", () => {
  it("rings until it is answered", () => {
    const [phone, todo] = after(...OPEN, now("ringing"), { type: "answer" }, now("talking"));
    expect(phone.name).toBe("Anna");
    expect(todo.filter((one) => one.do !== "say" && one.do !== "keep" && one.do !== "give_up"))
      .toEqual([{ do: "ring", on: true }, { do: "ring", on: false }, { do: "audio", on: true }]);
    expect(says(todo)).toEqual([{ type: "answer" }]);
  });

  it("stops ringing when the caller gives up or another answers", () => {
    for (const end of [now("idle"), said({ type: "ended", reason: "answered elsewhere", status: 200 }), link("refused", "elsewhere")])
      expect(after(...OPEN, now("ringing"), end)[1]).toContainEqual({ do: "ring", on: false });
  });

  it("that is refused is told as a hang-up; nothing that rings is answered twice", () => {
    expect(says(after(...OPEN, now("ringing"), { type: "hang_up" })[1])).toEqual([{ type: "hang_up" }]);
    expect(says(after(...TALKING, { type: "answer" })[1]).length).toBe(1);
  });
});

describe("hold and mute", () => {
  it("are for calls that are up", () => {
    expect(says(after(...TALKING, { type: "hold", held: true })[1]).at(-1)).toEqual({ type: "hold", held: true });
    expect(says(after(...OPEN, { type: "hold", held: true })[1])).toEqual([]);
    const [muted, todo] = after(...TALKING, { type: "mute", muted: true });
    expect([muted.muted, todo.at(-1)]).toEqual([true, { do: "mute", muted: true }]);
  });
});

describe("a connection that breaks", () => {
  it("keeps the call for ten seconds, and has it again", () => {
    const [away, todo] = after(...TALKING, link("reconnecting"));
    expect([away.state, away.connection, todo.at(-1)]).toEqual(["talking", "reconnecting", { do: "give_up", after_ms: 10_000 }]);
    const [back, done] = after(...TALKING, link("reconnecting"), link("open"), ready("talking"));
    expect([back.state, back.connection, done]).toEqual(["talking", "open", expect.arrayContaining([{ do: "give_up", after_ms: null }])]);
  });

  it("loses the call that the server has no more, or when nothing comes back", () => {
    for (const end of [[link("open"), ready("idle")], [{ type: "lost" } as PhoneEvent]]) {
      const [phone, todo] = after(...TALKING, link("reconnecting"), ...end);
      expect([phone.state, phone.ended?.reason]).toEqual(["idle", "lost"]);
      expect(todo).toContainEqual({ do: "audio", on: false });
    }
    expect(after(...TALKING, { type: "lost" })[0].state).toBe("talking");
  });

  it("is taken up by a page that was loaded again", () => {
    const [phone, todo] = after(link("connecting"), link("open"), ready("talking"));
    expect([phone.state, phone.ended]).toEqual(["talking", null]);
    expect(todo).toContainEqual({ do: "audio", on: true });
    expect(todo).toContainEqual({ do: "keep", token: "t" });
  });

  it("shows what was heard before the page was loaded again", () => {
    const kept = { number: "100", heard: [{ id: 3, kind: "speech" as const, text: "Welcome." }], menu: null, queue: null, whom: "" as const };
    const [phone, todo] = after({ type: "resume", kept }, link("connecting"), link("open"), ready("talking"),
                                said({ type: "heard", items: [{ text: "Press one.", clip: "" }] }));
    expect(todo[0]).toEqual({ do: "connect" });
    expect([phone.state, phone.number, phone.heard.map(({ text }) => text)]).toEqual(["talking", "100", ["Welcome.", "Press one."]]);
    const away: PhoneEvent[] = [{ type: "resume", kept }, link("connecting"), link("reconnecting")];
    expect([after(...away, { type: "lost" })[0].ended?.reason, after(...away, { type: "hang_up" })[0].ended?.reason])
      .toEqual(["lost", "hung_up"]);
    const [gone] = after({ type: "resume", kept }, link("connecting"), link("open"), ready("idle"));
    expect([gone.state, gone.ended?.reason, gone.resumed]).toEqual(["idle", "lost", false]);
  });

  it("ends the call here when another page has taken the phone", () => {
    const [phone] = after(...TALKING, link("refused", "elsewhere"));
    expect([phone.state, phone.connection, phone.refusal]).toEqual(["idle", "refused", "elsewhere"]);
  });
});

describe("what is heard", () => {
  const heard = (...items: [string, "speech" | "music" | "beep"][]): PhoneEvent =>
    said({ type: "heard", items: items.map(([text, kind]) => ({ text, clip: "", kind })) });

  it("is a line for each play, its pieces together", () => {
    const [phone] = after(...TALKING, heard(["Welcome.", "speech"], ["Press one.", "speech"]), heard(["You have", "speech"], ["three", "speech"]));
    expect(phone.heard.map(({ text }) => text)).toEqual(["Welcome. Press one.", "You have three"]);
  });

  it("tells music once while it goes on, and again after words", () => {
    const [phone] = after(...TALKING, heard(["♪", "music"]), heard(["♪", "music"]), heard(["You are next.", "speech"]), heard(["♪", "music"]));
    expect(phone.heard.map(({ kind }) => kind)).toEqual(["music", "speech", "music"]);
    expect(new Set(phone.heard.map(({ id }) => id)).size).toBe(3);
  });

  it("has a bound", () => {
    const [phone] = after(...TALKING, ...Array.from({ length: 300 }, (_, n) => heard([`line ${n}`, "speech"])));
    expect(phone.heard.length).toBe(MOST_HEARD);
    expect(phone.heard.at(-1)?.text).toBe("line 299");
  });

  it("shows where the caller is: a menu or a queue, and nothing of the last call", () => {
    const menu = said({ type: "menu", name: "cards", title: "Cards", path: ["Main"], options: [{ key: "1", label: "x" }] });
    const queue = said({ type: "queue", place: 2, wait: 60 });
    expect(after(...TALKING, menu)[0].menu?.title).toBe("Cards");
    expect([after(...TALKING, menu, queue)[0].menu, after(...TALKING, menu, queue)[0].queue?.place]).toEqual([null, 2]);
    const [talks] = after(...TALKING, queue, said({ type: "with", whom: "operator" }));
    expect([talks.queue, talks.whom]).toEqual([null, "operator"]);
    expect(after(...TALKING, said({ type: "with", whom: "operator" }), menu)[0].whom).toBe("");
    const [again] = after(...TALKING, heard(["Hello.", "speech"]), queue, { type: "hang_up" },
                          said({ type: "ended", reason: "", status: 200 }), { type: "dial", number: "100" });
    expect([again.heard, again.queue, again.menu, again.ended]).toEqual([[], null, null, null]);
  });
});
