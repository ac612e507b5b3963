import { expect, test } from "vitest";
import { noteOf, wishOf } from "./call_notes";

const t = (word: string, given: Record<string, string | number> = {}) => `${word} ${Object.values(given).join(" ")}`.trim();

test("the last number that a visitor gave is the one to call", () => {
  const texts = [{ form: "call", body: "wish +74951234567" }, { form: "text", body: "wish I knew" }, { form: "call", body: "wish +74957654321" }, { form: "call", body: "over 12" }];
  expect(wishOf(texts)).toBe("+74957654321");
  expect(wishOf(texts.slice(1, 2))).toBe("");
  expect(wishOf([{ form: "call", body: null }])).toBe("");
});

test("what became of a call is said in words", () => {
  expect(noteOf("wish +74951234567", t as never)).toBe("wishes_call +74951234567");
  expect(noteOf("over 65", t as never)).toBe("call_over 1:05");
  expect(noteOf("over", t as never)).toBe("call_missed");
});
