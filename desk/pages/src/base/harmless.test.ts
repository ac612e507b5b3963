import { describe, expect, it } from "vitest";
import { harmless, oneLine } from "./harmless";

describe("harmless", () => {
  it("keeps words and takes what turns, hides or piles up", () => {
    expect(harmless("\u202egnp.exe\u202c \u200bx\u0001\ufeff")).toBe("gnp.exe x");
    expect(harmless(`z${"\u0301".repeat(40)}`)).toBe(`z${"\u0301".repeat(4)}`);
    expect(harmless("<b>&amp;</b>")).toBe("<b>&amp;</b>");
  });
});

describe("oneLine", () => {
  it("is one line", () => expect(oneLine(" a\r\n\u2028b\t c ")).toBe("a b c"));
  it("isolates what is written from the right, and nothing else", () => {
    expect(oneLine("\u202eשלום")).toBe("\u2068שלום\u2069");
    expect(oneLine("Мария")).toBe("Мария");
    expect(oneLine("\u200b\u202e")).toBe("");
  });
});
