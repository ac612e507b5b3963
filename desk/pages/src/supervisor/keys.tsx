import { useEffect, useState } from "react";
import { Dialog } from "../base/parts";
import { useWords } from "../base/words";
import { WORDS, type Word } from "./words";

const SECTIONS: Record<string, string> = { "1": "alarms", "2": "queues", "3": "operators", "4": "calls" };
const HELP: readonly (readonly [string, Word])[] = [
  ["1 2 3 4", "k_sections"], ["↓ ↑", "k_rows"], ["l", "k_listen"], ["w", "k_whisper"], ["b", "k_barge"], ["t", "k_take"],
  ["h", "k_end"], ["?", "k_help"]];

/** Keys of the whole page: figures lead to the sections, "?" explains all. Nothing while somebody types. */
export function Keys() {
  const t = useWords(WORDS);
  const [shown, show] = useState(false);
  useEffect(() => {
    function keyed(event: KeyboardEvent) {
      const into = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || into.closest("input, select, textarea, dialog") !== null) return;
      if (event.key === "?") show(true);
      const section = SECTIONS[event.key];
      if (section === undefined) return;
      const row = section === "calls" ? document.querySelector<HTMLElement>("tr[data-call]") : null;
      (row ?? document.getElementById(section))?.focus();
    }
    addEventListener("keydown", keyed);
    return () => removeEventListener("keydown", keyed);
  }, []);
  return (
    <>
      <button className="small quiet" onClick={() => show(true)} aria-keyshortcuts="?">{t("keys")} <kbd>?</kbd></button>
      {shown && (
        <Dialog title={t("keys_title")} onClose={() => show(false)}>
          <dl className="pairs">
            {HELP.map(([key, word]) => <div key={key} className="pair"><dt><kbd>{key}</kbd></dt><dd>{t(word)}</dd></div>)}
          </dl>
        </Dialog>
      )}
    </>
  );
}
