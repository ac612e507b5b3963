import { expect, test } from "vitest";
import { HIDDEN, NEW, offering, spoken, step, upTo, type Chat, type Do, type Event } from "./chat";
import { CALL, TOKEN, hello, run, told } from "./steps";
import { read, type Message } from "./wire";

const OTHER = "00000000-0000-4000-8000-000000000002";

const message = (position: number, more: Partial<Message> = {}): Event => told({ type: "message", message: {
  position, at: "2026-11-23T10:00:00+00:00", from: "hotline", name: "", form: "text", body: `m${position}`, options: [], key: "", label: "", ...more } });
const say = (key: string, body = key): Event => ({ type: "say", key, body, label: "", at: "2026-11-23T10:00:00Z" });
const kept = (key: string, position: number, body = key): Event => told({ type: "kept", key, position, at: "2026-11-23T10:00:01Z", form: "text", body });
const refused = (key: string, reason: string): Event => told({ type: "refused", key, reason });
const CONNECTED: Event[] = [{ type: "wanted" }, { type: "opened" }, hello()];
const STARTED: Event[] = [...CONNECTED, { type: "start", name: "" }, told({ type: "started", call: CALL })];
const sent = (todo: Do[]) => todo.flatMap((one) => (one.do === "send" ? [one.said] : []));
const bodies = (chat: Chat) => chat.messages.map(({ body }) => body);

test("a chat begins once the server has greeted us, and not before", () => {
  const early = run(NEW, { type: "wanted" }, { type: "start", name: "Maria" });
  expect(early.todo).toEqual([{ do: "open" }]);
  const { chat, todo } = run(early.chat, { type: "opened" }, hello(), told({ type: "started", call: CALL }));
  expect(sent(todo)).toEqual([{ type: "hello", token: null, call: null, after: -1 }, { type: "start", name: "Maria" }]);
  expect([chat.phase, chat.call, chat.token]).toEqual(["going", CALL, TOKEN]);
});

test("what is written is kept only when the server says so", () => {
  const before = run(NEW, ...STARTED, message(0), say("k1", "hello"));
  expect([bodies(before.chat), before.chat.own[0]?.state]).toEqual([["m0"], "sending"]);
  const { chat } = run(before.chat, kept("k1", 1, "hello"));
  expect([bodies(chat), chat.own, upTo(chat)]).toEqual([["m0", "hello"], [], 1]);
});

test("what was not kept is said again under its key after a reconnection, in its order", () => {
  const away = run(NEW, ...STARTED, say("k1"), say("k2"), { type: "closed", code: 1006 });
  expect([away.chat.link, away.todo.at(-1)]).toEqual(["waiting", { do: "wait", ms: 300 }]);
  const during = run(away.chat, say("k3"));
  expect(during.todo).toEqual([]);
  const back = run(during.chat, { type: "waited" }, { type: "opened" }, hello(CALL));
  expect(sent(back.todo).slice(1)).toEqual(["k1", "k2", "k3"].map((key) => ({ type: "say", key, body: key })));
});

test("waits grow, at a greeting they begin anew, and where the server asks for patience they are long", () => {
  let chat = run(NEW, ...CONNECTED).chat;
  const waits = [];
  for (let n = 0; n < 9; n++) {
    const [next, todo] = step(chat, { type: "closed", code: 1006 });
    waits.push(todo.map((one) => (one.do === "wait" ? one.ms : 0))[0]);
    chat = run(next, { type: "waited" }).chat;
  }
  expect(waits).toEqual([300, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000]);
  expect(run(chat, { type: "opened" }, hello()).chat.tries).toBe(0);
  expect(run(NEW, ...CONNECTED, { type: "closed", code: 4008 }).todo.at(-1)).toEqual({ do: "wait", ms: 15_000 });
});

test("a channel that is closed is not tried again", () => {
  const { chat, todo } = run(NEW, { type: "wanted" }, { type: "closed", code: 4004 }, { type: "waited" });
  expect([chat.link, todo]).toEqual(["closed", [{ do: "open" }]]);
});

test("what is too large is refused, and never sent again", () => {
  const { chat, todo } = run(NEW, ...STARTED, say("k1"), { type: "closed", code: 1009 }, { type: "waited" }, { type: "opened" }, hello(CALL));
  expect([chat.own[0]?.state, chat.own[0]?.reason]).toEqual(["refused", "too_long"]);
  expect(sent(todo).filter(({ type }) => type === "say")).toHaveLength(1);
  expect(run(NEW, ...STARTED, say("k", "x".repeat(5000))).chat.own).toEqual([]);
});

test("refused is shown with its reason, and tried again under the same key", () => {
  const { chat } = run(NEW, ...STARTED, say("k1"), refused("k1", "too_many"));
  expect(chat.own[0]).toMatchObject({ state: "refused", reason: "too_many" });
  const again = run(chat, { type: "again", key: "k1" });
  expect(sent(again.todo)).toEqual([{ type: "say", key: "k1", body: "k1" }]);
  expect(run(chat, { type: "drop", key: "k1" }).chat.own).toEqual([]);
});

test("while control is away a message goes on being tried by itself", () => {
  const { chat, todo } = run(NEW, ...STARTED, say("k1"), refused("k1", "away"));
  expect([chat.own[0]?.state, todo.at(-1)]).toEqual(["sending", { do: "hello_again", ms: 2000 }]);
  expect(sent(run(chat, { type: "waited" }).todo)).toEqual([{ type: "say", key: "k1", body: "k1" }]);
  const greeting = run(NEW, { type: "wanted" }, { type: "opened" }, refused("", "away"), { type: "waited" });
  expect(sent(greeting.todo).map(({ type }) => type)).toEqual(["hello", "hello"]);
});

test("messages stand in their order, once each, however often they come", () => {
  const { chat } = run(NEW, ...STARTED, message(0), message(3), message(1), message(3), kept("other", 2, "from the other tab"));
  expect(bodies(chat)).toEqual(["m0", "m1", "from the other tab", "m3"]);
  const twice = run(NEW, ...STARTED, say("k1"), message(0, { from: "me", key: "k1", body: "k1" }), kept("k1", 0, "k1")).chat;
  expect([bodies(twice), twice.own]).toEqual([["k1"], []]);
});

test("an option is offered until something is answered, and its answer is shown as its label", () => {
  const asked = run(NEW, ...STARTED, message(0, { options: [["1", "English"], ["2", "Русский"]] }));
  expect(offering(asked.chat)?.options).toHaveLength(2);
  expect(spoken(asked.chat)).toBe("");
  const pressed = run(asked.chat, { type: "say", key: "k1", body: "2", label: "Русский", at: "" });
  expect([offering(pressed.chat), pressed.chat.own[0]?.label]).toEqual([undefined, "Русский"]);
  const done = run(pressed.chat, kept("k1", 1, "2"), told({ type: "asks", secret: false, language: "ru" })).chat;
  expect([done.messages[1]?.body, done.messages[1]?.label, offering(done), spoken(done)]).toEqual(["2", "Русский", undefined, "ru"]);
  const read = run(asked.chat, message(1, { from: "me", body: "1", key: "k9" })).chat;         // after a reload
  expect(read.messages[1]?.label).toBe("English");
});

test("a secret is never shown, whatever the server tells of it", () => {
  const asked = run(NEW, ...STARTED, told({ type: "asks", secret: true, language: "en" }), say("k1", "2468"));
  expect([asked.chat.own[0]?.secret, sent(asked.todo).at(-1)]).toEqual([true, { type: "say", key: "k1", body: "2468", secret: true }]);
  expect(bodies(run(asked.chat, kept("k1", 0, "2468")).chat)).toEqual([HIDDEN]);
  expect(bodies(run(asked.chat, kept("k1", 0, HIDDEN)).chat)).toEqual([HIDDEN]);
});

test("the end: what was not kept is refused, last words still come, and a new chat is empty", () => {
  const over = run(NEW, ...STARTED, message(0), say("k1"), told({ type: "ended", call: CALL }), message(1, { body: "Goodbye." })).chat;
  expect([over.phase, bodies(over), over.own[0]?.reason]).toEqual(["over", ["m0", "Goodbye."], "over"]);
  expect(run(over, told({ type: "ended", call: OTHER })).chat.phase).toBe("over");
  const anew = run(over, { type: "anew" }).chat;
  expect([anew.phase, anew.messages, anew.token]).toEqual(["none", [], TOKEN]);
  expect(run(NEW, ...STARTED, hello()).chat.phase).toBe("over");         // control knows of no chat any more
});

test("the end that a visitor chose is told as soon as there is somebody to tell", () => {
  const { chat, todo } = run(NEW, ...STARTED, { type: "closed", code: 1006 }, { type: "leave" }, { type: "waited" }, { type: "opened" }, hello(CALL));
  expect(sent(todo).at(-1)).toEqual({ type: "leave" });
  const away = run(chat, refused("", "away"), { type: "waited" });
  expect(sent(away.todo)).toEqual([{ type: "leave" }]);
  const done = run(away.chat, told({ type: "ended", call: CALL })).chat;
  expect([done.phase, done.leaving]).toEqual(["over", false]);
});

test("another chat of the visitor takes the place of the one that is shown", () => {
  const { chat } = run(NEW, ...STARTED, message(0), told({ type: "started", call: OTHER }), message(0, { body: "again" }));
  expect([chat.call, bodies(chat)]).toEqual([OTHER, ["again"]]);
  const back = run(NEW, ...STARTED, message(4), hello(OTHER, true)).chat;
  expect([back.call, back.messages, back.secret]).toEqual([OTHER, [], true]);
});

test("a tab without a chat becomes the visitor of another tab; one with a chat does not", () => {
  const theirs: Event = { type: "kept_elsewhere", token: "o".repeat(24) };
  const { chat, todo } = run(NEW, ...CONNECTED, theirs);
  expect([chat.token, todo.slice(-2)]).toEqual(["o".repeat(24), [{ do: "close" }, { do: "wait", ms: 0 }]]);
  expect(run(NEW, ...STARTED, theirs).chat.token).toBe(TOKEN);
});

test("who is writing is forgotten after a while, and when they have written", () => {
  const writes = run(NEW, ...STARTED, told({ type: "typing", name: "Anna" })).chat;
  expect(writes.typing?.name).toBe("Anna");
  expect(run(writes, { type: "ticked", now: 5000 }).chat).toBe(writes);
  expect(run(writes, { type: "ticked", now: 8000 }).chat.typing).toBeNull();
  expect(run(writes, message(1, { from: "operator" })).chat.typing).toBeNull();
});

test("a start that is refused says why, and may be tried again", () => {
  const { chat } = run(NEW, ...CONNECTED, { type: "start", name: "" }, refused("", "full"));
  expect([chat.phase, chat.trouble]).toEqual(["none", "full"]);
  expect(run(chat, { type: "start", name: "" }).chat.trouble).toBe("");
});

test("what is no message of ours is none", () => {
  for (const given of ["", "{", "[]", "7", "null", '{"type":"fly"}', '{"type":"message","position":"1"}', '{"type":"kept","position":-1}', new Blob()])
    expect(read(given)).toBeNull();
  expect(read('{"type":"message","position":2,"from":"root","options":[["1"],["2","b"],7],"body":{}}')).toEqual({ type: "message", message: {
    position: 2, at: "", from: "hotline", name: "", form: "text", body: "", options: [["2", "b"]], key: "", label: "" } });
});
