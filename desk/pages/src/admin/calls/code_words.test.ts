import { describe, expect, it } from "vitest";
import { detailWords, languageWords, optionWords, partyWords, reasonWords } from "./code_words";

const operator = (name: string) => (name === "anna" ? "Anna Petrova" : name);
const named = {
  operator,
  queue: (name: string) => (name === "lost_card" ? "Потеряна карта" : name),
  menu: (name: string) => (name === "main" ? "Main menu" : name),
};

describe("codes of the record, in words", () => {
  it("says why the queue let a caller go", () => {
    expect(reasonWords("en", "nobody_logged_in")).toBe("nobody of the queue is logged in or can be reached");
    expect(reasonWords("ru", "nobody_logged_in")).toBe("в очереди никто не вошёл или не на связи");
  });
  it("never shows an underscore, whatever comes", () => {
    for (const language of ["en", "ru"] as const)
      for (const code of ["max_wait", "answered_elsewhere", "a_code_of_tomorrow"]) expect(reasonWords(language, code)).not.toContain("_");
  });
  it("leaves sentences that somebody wrote as they are", () => {
    expect(reasonWords("en", "olga ended it")).toBe("olga ended it");
  });
  it("calls people by their names and others by what they are", () => {
    expect(partyWords("en", "anna", operator)).toBe("Anna Petrova");
    expect(partyWords("ru", "hotline", operator)).toBe("линия");
    expect(detailWords("en", "by", "caller", named)).toBe("the caller");
  });
  it("says what an option did", () => {
    expect(optionWords("en", "language en, goto main", named)).toBe("English, to the menu Main menu");
    expect(optionWords("ru", "queue lost_card", named)).toBe("в очередь Потеряна карта");
    expect(optionWords("en", "repeat", named)).toBe("hears it again");
  });
  it("calls queues and menus by their titles", () => {
    expect(detailWords("ru", "queue", "lost_card", named)).toBe("Потеряна карта");
    expect(detailWords("en", "menu", "main", named)).toBe("Main menu");
  });
  it("rounds seconds and names languages", () => {
    expect(detailWords("en", "wait", 2.4, named)).toBe("2 s");
    expect(languageWords("ru", "en")).toBe("английский");
    expect(languageWords("en", "")).toBe("");
  });
  it("does not fail for what it does not know", () => {
    expect(detailWords("en", "something", { low_s: 3 }, named)).toBe("low s 3");
    expect(detailWords("en", "something", null, named)).toBe("");
  });
});
