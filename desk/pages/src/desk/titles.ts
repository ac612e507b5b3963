import { titleOf } from "../base/titled";
import type { Language } from "../base/words";
import type { Topics } from "./types";

export { titleOf };

/** "cards/lost" → "Cards › Lost or stolen". */
export function topicTitle(topics: Topics, path: string, language: Language): string {
  const parts = path.split("/");
  return parts.map((part, at) => titleOf(topics.topics[parts.slice(0, at + 1).join("/")], language, part)).join(" › ");
}
