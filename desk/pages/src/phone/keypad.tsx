import { useEffect, useState } from "react";
import { useLanguage, useWords, type Language } from "../base/words";
import { KEYS } from "./wire";
import { WORDS } from "./words";

/** Letters as they stand on telephones (ITU-T E.161; in Russia as on telephones sold there). */
const LETTERS: Record<Language, Record<string, string>> = {
  en: { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" },
  ru: { 2: "АБВГ", 3: "ДЕЖЗ", 4: "ИЙКЛ", 5: "МНОП", 6: "РСТУ", 7: "ФХЦЧ", 8: "ШЩЪЫ", 9: "ЬЭЮЯ", 0: "+" },
};

const FIELDS = "input:not([type=range]), select, textarea, [contenteditable]";

/** Twelve keys. While it is shown the keyboard presses them, too, unless somebody writes into a field. */
export function Keypad({ onKey, disabled = false }: { onKey: (key: string) => void; disabled?: boolean }) {
  const t = useWords(WORDS);
  const letters = LETTERS[useLanguage()];
  const down = useKeyboard(onKey, !disabled);
  return (
    <div className="keypad" role="group" aria-label={t("keypad")}>
      {KEYS.map((key) => (
        <button key={key} type="button" disabled={disabled} className={down === key ? "down" : undefined}
                data-key={key} onClick={() => onKey(key)}>
          <span>{key}</span>
          <small>{letters[key] ?? "\u00a0"}</small>
        </button>
      ))}
    </div>
  );
}

/** The key of the keyboard that is down now, for the eye. */
function useKeyboard(onKey: (key: string) => void, listens: boolean): string {
  const [down, setDown] = useState("");
  useEffect(() => {
    if (!listens) return;
    function press(event: KeyboardEvent) {
      if (!(KEYS as readonly string[]).includes(event.key) || event.repeat) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(FIELDS)) return;
      event.preventDefault();
      setDown(event.key);
      onKey(event.key);
    }
    const release = () => setDown("");
    addEventListener("keydown", press);
    addEventListener("keyup", release);
    return () => {
      removeEventListener("keydown", press);
      removeEventListener("keyup", release);
    };
  }, [onKey, listens]);
  return down;
}
