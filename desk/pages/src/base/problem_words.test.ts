import { expect, test } from "vitest";
import { problemIn } from "./problem_words";

test("what the server's words say of this case is said in Russian, too", () => {
  expect(problemIn(true, "too_many_attempts", "Too many attempts; try again in 12 s.")).toContain("через 12 с");
  expect(problemIn(true, "changed_meanwhile", "bank.yaml was changed by olga at 2026-11-23 17:00:00 UTC; nothing was published. Compare."))
    .toMatch(/bank\.yaml.*olga, 2026-11-23 17:00:00 UTC/);
  expect(problemIn(true, "changed_meanwhile", "bank.yaml was changed by somebody; nothing was published. Compare.")).toMatch(/bank\.yaml.*неизвестно/);
  expect(problemIn(true, "has_errors", "Nothing was published: bank.yaml:3:5: no menu loans; loans.yaml:12:1: what is this: that. And 4 more."))
    .toMatch(/bank\.yaml:3:5, loans\.yaml:12:1 и ещё 4\.$/);
  expect(problemIn(true, "has_errors", "Nothing was published: bank.yaml:3:5: no menu loans.")).toMatch(/: bank\.yaml:3:5\.$/);
});

test("the sound that is in use, and the line of the file of hours, are told", () => {
  expect(problemIn(true, "prompt_in_use", "en/old.wav: a menu plays it (take it out of the menu first).")).toMatch(/Этот звук.*\(en\/old\.wav/);
  expect(problemIn(true, "hours_by_hand", "hours.yaml:7:3: two rules in one line.")).toContain("hours.yaml:7:3");
});

test("words that say nothing of this case are told as they are, and English ones always", () => {
  expect(problemIn(true, "changed_meanwhile", "Somebody else changed it: read revision 3.")).toMatch(/Загрузите заново/);
  expect(problemIn(true, "unheard_of", "It rains.")).toBe("It rains.");
  expect(problemIn(false, "too_many_attempts", "Too many attempts; try again in 12 s.")).toBe("Too many attempts; try again in 12 s.");
});
