import type { Language } from "./words";

/** By language; under "" where it is the same in all. */
export type Titles = Record<string, string>;

/** A title in the page's language, else the one for all, else any. */
export function titleOf(titles: Titles | undefined, language: Language, name: string): string {
  return titles === undefined ? name : titles[language] ?? titles[""] ?? Object.values(titles)[0] ?? name;
}
