import { expect, test } from "vitest";
import { leftAfter, type Draft } from "./drafts";

const draft = (note: string, at: number): Draft => ({ note, filled: {}, base: { topic: "", result: "", note: "", filled: {} }, at });

test("what was saved is no draft any more", () => {
  const sent = draft("lost it", 1000);
  expect(leftAfter(sent, sent)).toBeNull();
  expect(leftAfter(sent, { ...sent })).toBeNull();
  expect(leftAfter(null, null)).toBeNull();
});

test("what is typed while it is being saved stays", () => {
  const more = draft("lost it in the tram", 1200);
  expect(leftAfter(draft("lost it", 1000), more)).toBe(more);
  expect(leftAfter(null, more)).toBe(more);
});
