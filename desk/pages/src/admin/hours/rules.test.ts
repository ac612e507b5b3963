import { describe, expect, it } from "vitest";
import { reasonIn, ruleIn, type RuleSaid } from "./rules";

const rule = (said: Partial<RuleSaid>): RuleSaid => ({ sort: "days", of: "", more: "", names: {}, within: "", outside: [], ...said });

describe("rules of hours in Russian", () => {
  it.each([
    [rule({ of: "monday-friday", within: "09:00-21:00" }), "понедельник–пятница, 09:00-21:00"],
    [rule({ of: "saturday", within: "22:00-04:00 next day" }), "суббота, 22:00-04:00 следующего дня"],
    [rule({ of: "sunday", sort: "unnamed" }), "воскресенье (нет в `week`), закрыто"],
    [rule({ sort: "every_day", within: "00:00-24:00" }), "каждый день, 00:00-24:00"],
    [rule({ sort: "dates", of: "every 12-30", outside: ["09:00-12:00", "13:00-18:00"] }), "30 декабря каждого года, вне 09:00-12:00 и 13:00-18:00"],
    [rule({ sort: "dates", of: "2026-08-03 to 2026-08-07", more: "ремонт" }), "3 августа 2026 г. – 7 августа 2026 г. (ремонт), закрыто"],
    [rule({ sort: "holiday", of: "RU", names: { en: "Victory Day", ru: "День Победы" } }), "государственный праздник, RU («День Победы»), закрыто"],
    [rule({ sort: "worked_weekend", of: "RU", more: "friday", within: "09:00-21:00" }), "рабочий выходной, RU: как в пятницу, 09:00-21:00"],
  ])("%o", (said, words) => expect(reasonIn(said, "ru", "as the server says").replaceAll(/\s/g, " ")).toBe(words));

  it("leaves English to the server", () => expect(ruleIn(rule({ of: "monday" }), "en", "monday, closed")).toBe("monday, closed"));
});
