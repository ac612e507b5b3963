import { useCallback, useSyncExternalStore } from "react";

export type Language = "en" | "ru";
export type Words<Key extends string> = Record<Language, Record<Key, string>>;

const KEPT = "hotline.language";
const listeners = new Set<() => void>();
let language: Language = kept();
document.documentElement.lang = language;

function kept(): Language {
  const chosen = read();
  if (chosen === "en" || chosen === "ru") return chosen;
  return navigator.languages.find((one) => /^(en|ru)/.test(one))?.startsWith("ru") ? "ru" : "en";
}

function read(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;     // a browser that keeps nothing
  }
}

export function setLanguage(chosen: Language): void {
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // it holds until the page is closed
  }
  speakIn(chosen);
}

/** For now: nobody chose it, but it is what fits. */
export function speakIn(fitting: Language): void {
  language = fitting;
  document.documentElement.lang = fitting;
  listeners.forEach((changed) => changed());
}

/** Where no component asks. */
export const languageNow = () => language;

/** Whether this browser was told once which language its user wants. */
export function isLanguageChosen(): boolean {
  return read() !== null;
}

export function useLanguage(): Language {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, () => language);
}

export type Translate<Key extends string> = (key: Key, values?: Record<string, string | number>) => string;

/** Words of an area: `t("waits", {n: 3})` puts 3 in the place of {n}; {n|call|calls} chooses a form by n (in Russian
 * three forms: {n|звонок|звонка|звонков}). */
export function useWords<Key extends string>(words: Words<Key>): Translate<Key> {
  const chosen = useLanguage();
  return useCallback((key, values = {}) => fill(words[chosen][key], values, chosen), [words, chosen]);
}

export function fill(text: string, values: Record<string, string | number>, chosen: Language): string {
  return text.replace(/\{(\w+)((?:\|[^|}]*)*)\}/g, (whole, name: string, forms: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (forms === "") return String(value);
    return pick(forms.slice(1).split("|"), Number(value), chosen);
  });
}

function pick(forms: readonly string[], count: number, chosen: Language): string {
  const rule = new Intl.PluralRules(chosen).select(count);
  const at = chosen === "en" ? (rule === "one" ? 0 : 1) : rule === "one" ? 0 : rule === "few" ? 1 : 2;
  return forms[Math.min(at, forms.length - 1)] ?? "";
}

export { words } from "./plain";

/** The browser's own kind of the page's language, as en-GB: it says how days are written. */
export function useLocale(): string {
  const chosen = useLanguage();
  return navigator.languages.find((one) => one === chosen || one.startsWith(`${chosen}-`)) ?? chosen;
}

/** A moment of the server (ISO 8601, UTC) as people here write it; hours go from 00 to 23 everywhere. */
export function useMoments(): { time: (iso: string) => string; day: (iso: string) => string; both: (iso: string) => string } {
  const locale = useLocale();
  const say = (options: Intl.DateTimeFormatOptions) => (iso: string) =>
    new Intl.DateTimeFormat(locale, { ...options, ...("hour" in options ? { hourCycle: "h23" } : {}) }).format(new Date(iso));
  return {
    time: say({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    day: say({ day: "2-digit", month: "short", year: "numeric" }),
    both: say({ day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  };
}

/** "7 s" or "7 с", in the language that the page has now. */
export const inSeconds = (figure: string | number) => `${figure} ${language === "ru" ? "с" : "s"}`;
export const inHours = (figure: string | number) => `${figure} ${language === "ru" ? "ч" : "h"}`;

/** 75 → "1:15", 3675 → "1:01:15". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
