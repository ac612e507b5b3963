import { useLanguage, useLocale } from "../base/words";
import type { Figure, Numbers } from "./asked";
import { FIGURE_WORDS } from "./figure_words";

/** A figure as people write it; a dash where there is nothing to divide by. */
export function written(figure: Figure, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (figure.unit === "share") return `${(value * 100).toFixed(1)} %`;
  if (figure.unit === "count") return String(value);
  return value >= 3600 ? hours(value) : value >= 60 ? `${Math.floor(value / 60)}:${String(Math.round(value) % 60).padStart(2, "0")}` : `${value.toFixed(1)} s`;
}

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** A formula with the signs of mathematics. */
export const formulaOf = (formula: string): string => formula.replaceAll("<=", "≤").replaceAll(">=", "≥");

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
