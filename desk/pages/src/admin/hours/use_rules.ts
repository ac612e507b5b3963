import { useLanguage } from "../../base/words";
import { hoursIn, reasonIn, ruleIn, type RuleSaid } from "./rules";

/** Rules and hours in the page's language; `words` are the server's. */
export function useRules(): { rule: (said: RuleSaid, words: string) => string; reason: (said: RuleSaid, words: string) => string; hours: (hours: string) => string } {
  const language = useLanguage();
  return { rule: (said, words) => ruleIn(said, language, words), reason: (said, words) => reasonIn(said, language, words), hours: (hours) => hoursIn(hours, language) };
}
