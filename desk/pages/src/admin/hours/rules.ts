import type { Language } from "../../base/words";

/** What gives a day its hours, as the server tells it; its own words for it are English. */
export interface RuleSaid {
  sort: "days" | "unnamed" | "every_day" | "dates" | "holiday" | "worked_weekend";
  of: string;
  more: string;
  names: Record<string, string>;
  within: string;
  outside: string[];
}

const DAYS: Record<string, readonly [name: string, prepositional: string]> = {
  monday: ["понедельник", "в понедельник"], tuesday: ["вторник", "во вторник"], wednesday: ["среда", "в среду"], thursday: ["четверг", "в четверг"],
  friday: ["пятница", "в пятницу"], saturday: ["суббота", "в субботу"], sunday: ["воскресенье", "в воскресенье"],
};

/** "09:00-18:00", "22:00-04:00 next day" → as Russian pages write it. */
export const hoursIn = (hours: string, language: Language) => (language === "ru" ? hours.replace("next day", "следующего дня") : hours);

/** The rule alone, without hours. */
export function ruleIn(rule: RuleSaid, language: Language, words: string): string {
  if (language !== "ru") return words;
  switch (rule.sort) {
    case "days": return weekdays(rule.of);
    case "unnamed": return `${weekdays(rule.of)} (нет в \`week\`)`;
    case "every_day": return "каждый день";
    case "dates": return rule.more === "" ? dates(rule.of) : `${dates(rule.of)} (${rule.more})`;
    case "holiday": return `государственный праздник, ${rule.of}${holiday(rule.names)}`;
    case "worked_weekend": return `рабочий выходной, ${rule.of}: как ${DAYS[rule.more]?.[1] ?? rule.more}`;
  }
}

/** The rule, and within which hours it is open, or outside which it is closed. */
export function reasonIn(rule: RuleSaid, language: Language, words: string): string {
  if (language !== "ru") return words;
  const hours = (spans: readonly string[]) => spans.map((span) => hoursIn(span, language)).join(" и ");
  const when = rule.within !== "" ? hours([rule.within]) : rule.outside.length > 0 ? `вне ${hours(rule.outside)}` : "закрыто";
  return `${ruleIn(rule, language, words)}, ${when}`;
}

const weekdays = (written: string) => written.toLowerCase().replace(/[a-z]+/g, (day) => DAYS[day]?.[0] ?? day).replace(/ *[-–] */, "–");
const holiday = (names: Record<string, string>) => { const name = names["ru"] ?? names["en"] ?? ""; return name === "" ? "" : ` («${name}»)`; };

/** "every 12-30", "2026-08-03 to 2026-08-07" → in words. */
function dates(written: string): string {
  const yearly = written.startsWith("every ");
  const said = written.replace(/^every /, "").split(" to ").map((day) => dayIn(day, yearly)).join(" – ");
  return yearly ? `${said} каждого года` : said;
}

function dayIn(written: string, yearly: boolean): string {
  const moment = new Date(`${yearly ? `2000-${written}` : written}T00:00:00Z`);
  if (Number.isNaN(moment.getTime())) return written;
  return new Intl.DateTimeFormat("ru", { day: "numeric", month: "long", ...(yearly ? {} : { year: "numeric" }), timeZone: "UTC" }).format(moment);
}
