import { useChannels } from "../base/channels";
import { useNames as usePeople } from "../base/names";
import { words } from "../base/plain";
import { titleOf } from "../base/titled";
import { useTitles } from "../base/titles";
import { inHours, inSeconds, useLanguage, useLocale, useWords } from "../base/words";
import type { Dimension, Figure, Numbers } from "./asked";
import { FIGURE_WORDS } from "./figure_words";
import { useTopics } from "./topics";
import { WORDS } from "./words";

/** A figure as people write it; a dash where there is nothing to divide by. */
export function written(figure: Figure, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (figure.unit === "share") return `${(value * 100).toFixed(1)} %`;
  if (figure.unit === "count") return String(value);
  return value >= 3600 ? hours(value) : value >= 60 ? `${Math.floor(value / 60)}:${String(Math.round(value) % 60).padStart(2, "0")}` : inSeconds(value.toFixed(1));
}

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return `${inHours(Math.floor(minutes / 60))} ${String(minutes % 60).padStart(2, "0")}`;
}

/** "2026-11-23" as a short day for the foot of a chart. */
export function useShortDay(): (key: string) => string {
  const format = new Intl.DateTimeFormat(useLocale(), { day: "numeric", month: "short", timeZone: "UTC" });
  return (key) => (/^\d{4}-\d\d-\d\d$/.test(key) ? format.format(new Date(`${key}T00:00:00Z`)) : key);
}

/** What a figure or count is called in the page's language. */
export function useNames(figures: readonly Figure[]): (name: string) => string {
  const russian = useLanguage() === "ru";
  return (name) => FIGURE_WORDS[name]?.[russian ? 1 : 0] ?? figures.find((one) => one.name === name)?.title ?? name;
}

/** Which of a figure's counts a click opens: the part of a share where it has any, else the whole. */
export function openedBy(figure: Figure, { counts }: Numbers): string | undefined {
  return figure.opened.find((count) => (counts[count] ?? 0) > 0);
}

/** What a group of a report is called, by its key: queues, menus, lines and topics by their titles, operators by their names. */
export function useGroups(by: Dimension): (key: string) => string {
  const t = useWords(WORDS);
  const language = useLanguage();
  const called = useTitles();
  const people = usePeople();
  const topics = useTopics();
  const channels = useChannels();
  return (key) => {
    if (key === "(none)") return t("none");
    if (by === "language") return new Intl.DisplayNames(language, { type: "language" }).of(key) ?? key;
    if (by === "channel") return channels(key);
    if (by === "topic") return topics[key] === undefined ? words(key) : titleOf(topics[key], language, key);
    return by === "queue" ? called.queue(key) : by === "menu" ? called.menu(key) : by === "line" ? called.line(key) : by === "operator" ? people(key) : key;
  };
}
