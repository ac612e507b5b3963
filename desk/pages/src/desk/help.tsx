import { Dialog } from "../base/parts";
import { useWords } from "../base/words";
import { letterOf, type Act } from "./keys";
import { WORDS, type DeskWord } from "./words";

const ACTS: readonly [Act, DeskWord][] = [
  ["answer", "key_answer"], ["hold", "key_hold"], ["mute", "key_mute"], ["keypad", "key_keypad"], ["transfer", "key_transfer"],
  ["hang_up", "key_hang_up"], ["chat", "key_chat"], ["note", "key_note"], ["save", "key_save"], ["close", "key_close"], ["available", "key_available"],
  ["on_break", "key_break"], ["help", "key_help"],
];

/** What each key does. */
export function Help({ onClose }: { onClose: () => void }) {
  const t = useWords(WORDS);
  return (
    <Dialog title={t("keys")} onClose={onClose}>
      <table>
        <thead><tr><th scope="col">{t("key")}</th><th scope="col">{t("does")}</th></tr></thead>
        <tbody>{ACTS.map(([act, word]) => <tr key={act}><td><kbd>Alt</kbd> + <kbd>{letterOf(act)}</kbd></td><td>{t(word)}</td></tr>)}</tbody>
      </table>
      <p className="small muted">{t("keys_hint")}</p>
    </Dialog>
  );
}
