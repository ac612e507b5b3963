import { expect, test } from "vitest";
import { asColour, readableOn } from "./colours";
import { dayOf, isSameDay, isSameTurn } from "./days";
import { around } from "./frame";
import { NEW, type Chat } from "./chat";
import { KEPT_MESSAGES, remembered, tokenOf, written } from "./kept";
import { harmless } from "../base/harmless";
import { linked, outgoing } from "./texts";
import type { Message } from "./wire";

const CALL = "00000000-0000-4000-8000-000000000001", TOKEN = "t".repeat(24);
const message = (position: number): Message => ({ position, at: "2026-11-23T10:00:00Z", from: "hotline", name: "", form: "text", body: "b", options: [], key: "", label: "" });

test("signs that hide, turn or control are gone; what people spell with stays", () => {
  expect(harmless("a\u0000b\u200bc\u202ed\u2066e\ufefff\u0007")).toBe("abcdef");
  expect(harmless("line\r\nline\u2028line\ttab")).toBe("line\nline\nline\ttab");
  expect(harmless("👩‍💻 می‌خواهم שלום é")).toBe("👩‍💻 می‌خواهم שלום é");
  expect(harmless(`z${"\u0301".repeat(50)}`)).toBe(`z${"\u0301".repeat(4)}`);
  expect(harmless("a\n\n\n\n\n\nb")).toBe("a\n\n\nb");
});

test("what is sent has something in it, is not too long, and no half characters", () => {
  expect(outgoing("  \u200b\n ", 10)).toBe("");
  expect(outgoing("  hi  ", 10)).toBe("hi");
  expect(outgoing("123💥", 4)).toBe("123");
  expect(outgoing("a\ud800b", 10)).toBe("ab");
});

test("only addresses of the web are links, and each is what it seems", () => {
  const links = (text: string) => linked(text).filter(({ href }) => href !== "").map(({ text: shown, href }) => [shown, href]);
  expect(links("See https://bank.example/a?b=1, please.")).toEqual([["https://bank.example/a?b=1", "https://bank.example/a?b=1"]]);
  expect(links("(http://bank.example)")).toEqual([["http://bank.example", "http://bank.example/"]]);
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.b", "https://bank.example@evil.example/", "https://", "//evil.example", "mailto:a@b.c"])
    expect(links(text), text).toEqual([]);
  const text = "a https://x.example b https://y.example\nc";
  expect(linked(text).map((piece) => piece.text).join("")).toBe(text);
  expect(links('https://x.example/"onclick=alert(1)')).toEqual([["https://x.example/", "https://x.example/"]]);
});

test("what this browser keeps comes back, without secrets and no more than a day", () => {
  const chat: Chat = {
    ...NEW, token: TOKEN, call: CALL, phase: "going", name: "Maria", messages: Array.from({ length: 250 }, (_, at) => message(at)),
    own: [
      { key: "a", body: "unsent", label: "", at: "", secret: false, state: "sending", reason: "" },
      { key: "b", body: "2468", label: "", at: "", secret: true, state: "sending", reason: "" },
    ],
  };
  const text = written(chat, 1000);
  expect(text).not.toContain("2468");
  const back = remembered(text, 2000);
  expect([back.token, back.call, back.phase, back.name]).toEqual([TOKEN, CALL, "going", "Maria"]);
  expect([back.messages.length, back.messages[0]?.position, back.own.map(({ key }) => key)]).toEqual([KEPT_MESSAGES, 50, ["a"]]);
  expect(remembered(text, 1000 + 25 * 3600 * 1000)).toEqual(NEW);
  expect(tokenOf(text)).toBe(TOKEN);
});

test.each(["", "null", "{", "[]", '{"token":"<script>","at":1}', `{"token":"${TOKEN}"}`])("what is none of ours is forgotten: %s", (text) => {
  expect(remembered(text, 2)).toEqual(NEW);
});

test("a page around is known by its whole origin", () => {
  const given = (value: string) => new URLSearchParams({ in: value });
  expect(around(given("https://bank.example"), false)).toBe("https://bank.example");
  expect(around(given("https://bank.example"), true)).toBe("");
  for (const value of ["", "*", "null", "bank.example", "https://bank.example/", "https://a@bank.example", "javascript:alert(1)", "file://x"])
    expect(around(given(value), false), value).toBe("");
});

test("a colour is six digits, and what stands on it can be read", () => {
  expect([asColour("#1558C0"), asColour("red"), asColour("#fff"), asColour(null), asColour("#1558c0;}")]).toEqual(["#1558c0", "", "", "", ""]);
  expect([readableOn("#1558c0"), readableOn("#ffee00"), readableOn("#000000"), readableOn("#ffffff")]).toEqual(["#ffffff", "#000000", "#ffffff", "#000000"]);
});

test("days and turns", () => {
  const now = new Date(2026, 10, 23, 12);
  const at = (day: number, minute = 0) => new Date(2026, 10, day, 9, minute).toISOString();
  expect([dayOf(at(23), now), dayOf(at(22), now), dayOf(at(20), now), dayOf("", now)]).toEqual(["today", "yesterday", "earlier", null]);
  expect([isSameDay(at(23), at(23, 5)), isSameDay(at(22), at(23)), isSameDay(undefined, at(23))]).toEqual([true, false, false]);
  const one = { ...message(0), at: at(23) };
  expect(isSameTurn(one, { ...one, at: at(23, 3) })).toBe(true);
  expect(isSameTurn(one, { ...one, at: at(23, 9) })).toBe(false);
  expect(isSameTurn(one, { ...one, from: "operator" })).toBe(false);
});
