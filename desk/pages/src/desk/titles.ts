import type { Language } from "../base/words";
import type { Titles, Topics } from "./types";

/** A title in the page's language, else the one for all, else any. */
export function titleOf(titles: Titles | undefined, language: Language, name: string): string {
  if (titles === undefined) return name;
  return titles[language] ?? titles[""] ?? Object.values(titles)[0] ?? name;
}

/** "cards/lost" → "Cards › Lost or stolen". */
export function topicTitle(topics: Topics, path: string, language: Language): string {
  const parts = path.split("/");
  return parts.map((part, at) => titleOf(topics.topics[parts.slice(0, at + 1).join("/")], language, part)).join(" › ");
}
