import { describe, expect, it } from "vitest";
import { advanced, dropped, failed, inWords, lastOf, lastWords, late, LATE_MS, NOTHING, parts, refused, Refused, sent, unread, wanted, withTexts, type Text } from "./talk";

const text = (position: number, sender: string, more: Partial<Text> = {}): Text =>
  ({ position, at: "2026-01-01T00:00:00Z", sender, audience: "all", form: "text", body: `${position}`, options: [], key: "", ...more });

describe("a transcript", () => {
  it("is in order, and has each message once", () => {
    const talk = withTexts(withTexts(NOTHING, [text(2, "caller"), text(0, "hotline")]), [text(2, "caller"), text(1, "anna")]);
    expect(talk.texts.map(({ position }) => position)).toEqual([0, 1, 2]);
    expect(lastOf(talk)).toBe(2);
    expect(lastOf(NOTHING)).toBe(-1);
  });
  it("ends what was on its way, by its key", () => {
    let talk = sent(sent(NOTHING, { key: "a", body: "one", private: false }, 0), { key: "b", body: "two", private: true }, 0);
    talk = withTexts(talk, [text(0, "anna", { key: "a" })]);
    expect(talk.outgoing.map(({ key }) => key)).toEqual(["b"]);
    expect(sent(talk, { key: "a", body: "one", private: false }, 9)).toBe(talk);
  });
  it("keeps what failed in its place until it is sent again or discarded", () => {
    let talk = sent(sent(NOTHING, { key: "a", body: "one", private: false }, 0), { key: "b", body: "two", private: false }, 5);
    expect(late(talk, LATE_MS).map(({ key }) => key)).toEqual(["a"]);
    talk = failed(talk, "a", "why");
    expect(talk.outgoing.map(({ state }) => state)).toEqual(["failed", "sending"]);
    expect(late(talk, LATE_MS)).toEqual([]);
    talk = sent(talk, talk.outgoing[0]!, 100);
    expect(talk.outgoing[0]).toMatchObject({ key: "a", state: "sending", since: 100, error: null });
    expect(dropped(talk, "a").outgoing.map(({ key }) => key)).toEqual(["b"]);
  });
  it("knows at once what the server did not take, and lets it be sent again", () => {
    let talk = sent(sent(NOTHING, { key: "a", body: "one", private: false }, 0), { key: "b", body: "two", private: false }, 5);
    const all = { a: { reason: "too_many", number: 7 }, other: { reason: "over", number: 6 } };
    expect(refused(talk, all, 7)).toBe(talk);
    talk = refused(talk, all, 3);
    expect(talk.outgoing.map(({ state, error }) => [state, error])).toEqual([["failed", new Refused("too_many")], ["sending", null]]);
    talk = sent(talk, talk.outgoing[0]!, 100);
    expect(refused(talk, all, 7).outgoing[0]).toMatchObject({ state: "sending" });
    expect(refused(talk, { a: { reason: "not_kept", number: 8 } }, 7).outgoing[0]).toMatchObject({ state: "failed", error: new Refused("not_kept") });
  });
  it("counts as unread what others wrote since, and nothing before the first look", () => {
    const talk = withTexts(NOTHING, [text(0, "caller"), text(1, "anna"), text(2, "hotline"), text(3, "boris")]);
    expect(unread(talk, "anna")).toBe(0);
    expect(unread({ ...talk, seen: -1 }, "anna")).toBe(2);
    expect(unread({ ...talk, seen: 3 }, "anna")).toBe(0);
    expect([lastWords(talk), lastWords(talk, { visitor: true }), lastWords(NOTHING)]).toEqual(["3", "0", ""]);
  });
});

describe("a text", () => {
  it("has addresses of the web, without the punctuation around them", () => {
    expect(parts("see (https://bank.example/a?b=1), please")).toEqual([
      { text: "see (", href: null }, { text: "https://bank.example/a?b=1", href: "https://bank.example/a?b=1" },
      { text: "), please", href: null }]);
    expect(parts("plain")).toEqual([{ text: "plain", href: null }]);
    expect(parts("")).toEqual([]);
  });
  it("has no other addresses", () => {
    for (const evil of ["javascript:alert(1)", "<a href=x>", "ftp://x.example", "http://user:pass@bank.example/", "https://", "data:text/html,x"])
      expect(parts(evil).every(({ href }) => href === null), evil).toBe(true);
    expect(parts("a https://u@evil.example b").map((part) => part.text).join("")).toBe("a https://u@evil.example b");
  });
});

describe("canned answers", () => {
  const canned = ["The caller was identified.", "A new card is ordered."];
  it("are looked for behind a slash at the beginning of a line alone", () => {
    expect(wanted("/", canned)).toEqual(canned);
    expect(wanted("/CARD new", canned)).toEqual(["A new card is ordered."]);
    expect(wanted("/nothing", canned)).toEqual([]);
    expect(wanted("1/2", canned)).toBeNull();
    expect(wanted("/a\nb", canned)).toBeNull();
  });
});

it("a file on its way is not late before the server has all of it, and in words it is its name", () => {
  const file = { id: "", name: "a.pdf", bytes: 7, part: 0 };
  const talk = sent(NOTHING, { key: "k", body: "", private: false, file }, 0);
  expect(late(talk, LATE_MS * 9)).toEqual([]);
  const there = advanced(advanced(talk, "k", { part: 0.5 }, 10), "k", { part: 1, id: "0".repeat(32) }, 20);
  expect(there.outgoing[0]!.file).toEqual({ ...file, id: "0".repeat(32), part: 1 });
  expect([late(there, 20 + LATE_MS - 1).length, late(there, 20 + LATE_MS).length]).toEqual([0, 1]);
  const body = JSON.stringify({ file: "0".repeat(32), name: "a.pdf", type: "application/pdf", bytes: 7 });
  expect([inWords({ form: "file", body }), inWords({ form: "text", body: "hi" }), inWords({ form: "file", body: null })]).toEqual(["a.pdf", "hi", ""]);
  expect([inWords({ form: "call", body: "wish +7495" }), inWords({ form: "call", body: "over 12" })]).toEqual(["+7495", ""]);
});
