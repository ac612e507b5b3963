import { expect, test } from "vitest";
import type { Draft, Values } from "./drafts";
import { clash, typed, typedOver } from "./request";

const EMPTY: Values = { topic: "", result: "", note: "", filled: {} };
const row = (more: Partial<Values>): Values => ({ ...EMPTY, ...more });
const draft = (more: Partial<Draft>): Draft => ({ filled: {}, base: EMPTY, at: 1000, ...more });

test("what was not touched is as whoever saved last has it", () => {
  const theirs = row({ note: "asks about the rates", topic: "loans", filled: { digits: "1234", blocked: "no" } });
  const mine = draft({ topic: "other", filled: { blocked: "yes" } });
  expect(typedOver(theirs, mine)).toEqual(
    { topic: "other", result: "", note: "asks about the rates", filled: { digits: "1234", blocked: "yes" } });
  expect(typedOver(theirs, null)).toBe(theirs);
});

test("two who changed different things, or the same to the same, do not clash", () => {
  const theirs = row({ note: "asks about the rates", topic: "loans", filled: { digits: "1234" } });
  expect(clash(draft({ result: "solved", filled: { blocked: "yes" } }), theirs)).toBeNull();
  expect(clash(draft({ topic: "loans" }), theirs)).toBeNull();
  expect(clash(draft({ topic: "other", base: row({ topic: "loans" }) }), theirs)).toBeNull();
});

test.each([
  [draft({ topic: "other" }), row({ topic: "loans" })],
  [draft({ filled: { digits: "1" } }), row({ filled: { digits: "1234" } })],
])("what both changed is looked at again, and then it is saved", (mine, theirs) => {
  const again = clash(mine, theirs);
  expect(again).toEqual({ ...mine, base: theirs });
  expect(clash(again!, theirs)).toBeNull();
});

test("of two notes nothing is lost", () => {
  const notes = (before: string, theirs: string, mine: string) => clash(draft({ note: mine, base: row({ note: before }) }), row({ note: theirs }))?.note;
  expect(notes("", "her words", "mine")).toBe("her words\nmine");
  expect(notes("as it was.", "as it was. Hers.", "as it was. Mine.")).toBe("as it was. Hers.\nMine.");
  expect(notes("as it was.", "", "other words")).toBe("other words");
});

test("what was typed over a row that is known to be newer does not clash with it", () => {
  const first = typed(null, { topic: "other", filled: { digits: "1" } }, EMPTY, 1);
  expect(first).toEqual({ topic: "other", filled: { digits: "1" }, base: EMPTY, at: 1 });
  const theirs = row({ note: "hers.", filled: { blocked: "no" } });
  const second = typed(first, { note: "hers. Mine.", filled: { blocked: "yes" } }, theirs, 2);
  expect(clash(second, theirs)).toBeNull();
  expect(clash(second, row({ note: "hers. More.", filled: { blocked: "no" } }))?.note).toBe("hers. More.\nMine.");
  expect(clash(second, row({ note: "hers.", filled: { digits: "2" } }))).not.toBeNull();
});
