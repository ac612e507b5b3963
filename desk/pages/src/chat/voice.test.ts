import { describe, expect, test } from "vitest";
import { NEW, step, type Chat, type Event } from "./chat";
import { NONE } from "./voice";
import { read } from "./wire";

const GOING: Chat = { ...NEW, link: "ready", phase: "going", call: "c", calls: ["page", "telephone"] };
const after = (chat: Chat, ...events: Event[]): Chat => events.reduce((now, event) => step(now, event)[0], chat);
const told = (text: object): Event => ({ type: "told", told: read(JSON.stringify(text))!, now: 0 });
const voice = (how: string, reason = "", name = "Anna"): Event => told({ type: "voice", how, reason, name });

describe("a call beside the chat", () => {
  test("is asked for, and begins with a code", () => {
    const [asking, todo] = step(GOING, { type: "call_me", number: null });
    expect(todo).toEqual([{ do: "send", said: { type: "call_me" } }]);
    expect(asking.voice.how).toBe("asking");
    const ready = after(asking, told({ type: "call_me", code: "abc" }));
    expect(ready.voice).toEqual({ ...NONE, how: "ready", code: "abc" });
    expect(after(ready, voice("rings"), voice("talks")).voice).toEqual({ ...NONE, how: "talks", name: "Anna" });
  });
  test("at a telephone is noted, and nothing is dialled", () => {
    const [asking, todo] = step(GOING, { type: "call_me", number: "+7495" });
    expect(todo).toEqual([{ do: "send", said: { type: "call_me", number: "+7495" } }]);
    expect(after(asking, told({ type: "call_me", code: "" })).voice.how).toBe("wished");
  });
  test("is over, and the chat goes on", () => {
    const over = after(GOING, voice("talks"), voice("over"));
    expect([over.voice.how, over.phase]).toEqual(["over", "going"]);
  });
  test("can't be asked for twice, nor without a chat or a connection", () => {
    const talking = after(GOING, voice("talks"));
    for (const chat of [talking, { ...GOING, phase: "over" as const }, { ...GOING, link: "waiting" as const }])
      expect(step(chat, { type: "call_me", number: null })).toEqual([chat, []]);
  });
  test("that goes on is not ended by what is refused", () => {
    expect(after(GOING, voice("talks"), voice("refused", "has_call")).voice.how).toBe("talks");
    expect(after(GOING, voice("refused", "menu", "")).voice).toEqual({ ...NONE, how: "refused", reason: "menu" });
  });
  test("is as the server says after a reconnection", () => {
    const hello = (how: string) => told({ type: "hello", token: "t", call: "c", voice: how, name: "Anna", calls: ["page", "fax"] });
    expect(after(GOING, voice("talks"), hello("")).voice.how).toBe("over");
    expect(after(GOING, hello("waits")).voice).toEqual({ ...NONE, how: "waits", name: "Anna" });
    expect(after(GOING, hello("")).calls).toEqual(["page"]);
  });
  test("leaves a line among the messages", () => {
    const noted = after(GOING, told({ type: "message", position: 4, at: "", from: "hotline", name: "", form: "call", body: "over 61", options: [] }));
    expect(noted.messages.at(-1)).toMatchObject({ form: "call", body: "over 61" });
  });
});

test("a chat that begins with a code of an operator says it until it has begun", () => {
  const [starting, todo] = step({ ...NEW, link: "ready" }, { type: "start", name: "Ivan", invite: "ACD347" });
  expect(todo).toEqual([{ do: "send", said: { type: "start", name: "Ivan", invite: "ACD347" } }]);
  const again = step({ ...starting, link: "open" }, told({ type: "hello", token: "t", call: null }));
  expect(again[1]).toEqual(todo);
  expect(after(starting, told({ type: "started", call: "c" })).invite).toBe("");
  const refused = after(starting, told({ type: "refused", key: "", reason: "no_invite" }));
  expect([refused.phase, refused.trouble]).toEqual(["none", "no_invite"]);
  expect(step(refused, { type: "start", name: "" })[1]).toEqual([{ do: "send", said: { type: "start", name: "" } }]);
});
