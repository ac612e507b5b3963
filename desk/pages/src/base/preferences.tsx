import { useState } from "react";
import { WORDS } from "./base_words";
import { applyTheme, theme, type Theme } from "./theme";
import { setLanguage, useLanguage, useWords, type Language } from "./words";

const LANGUAGES: readonly (readonly [Language, string])[] = [["en", "English"], ["ru", "Русский"]];

/** Language and colours; both are kept in this browser. */
export function Preferences() {
  const t = useWords(WORDS);
  const language = useLanguage();
  const [colours, setColours] = useState<Theme>(theme);
  function choose(chosen: Theme) {
    setColours(chosen);
    applyTheme(chosen);
  }
  return (
    <span className="row preferences">
      <select aria-label={t("language")} value={language} onChange={(event) => setLanguage(event.target.value as Language)}>
        {LANGUAGES.map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
      <select aria-label={t("theme")} value={colours} onChange={(event) => choose(event.target.value as Theme)}>
        <option value="auto">{t("theme_auto")}</option>
        <option value="light">{t("theme_light")}</option>
        <option value="dark">{t("theme_dark")}</option>
      </select>
    </span>
  );
}
