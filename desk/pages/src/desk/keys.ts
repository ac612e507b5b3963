import { useEffect, useRef } from "react";

/** What a key with Alt does on the desk. By its place on the keyboard, so that it is the same in every layout. */
export const KEYS = {
  answer: "KeyA",
  hold: "KeyH",
  mute: "KeyM",
  keypad: "KeyK",
  transfer: "KeyT",
  hang_up: "KeyX",
  note: "KeyN",
  save: "KeyS",
  close: "Enter",
  available: "Digit1",
  on_break: "Digit2",
  chat: "KeyC",
  help: "Slash",
} as const;
export type Act = keyof typeof KEYS;
export type Acts = Partial<Record<Act, () => void>>;

export const letterOf = (act: Act) => KEYS[act].replace(/^Key|^Digit/, "").replace("Slash", "/");
/** For `aria-keyshortcuts`. */
export const shortcut = (act: Act) => `Alt+${letterOf(act)}`;

export function actOf(event: Pick<KeyboardEvent, "altKey" | "ctrlKey" | "metaKey" | "code">): Act | null {
  // AltGr comes as Control and Alt: that is typing
  if (!event.altKey || event.ctrlKey || event.metaKey) return null;
  const found = Object.entries(KEYS).find(([, code]) => code === event.code);
  return found === undefined ? null : (found[0] as Act);
}

/** Keys act wherever the focus is; in an open dialog that alone which answers who rings meanwhile; `?` alone asks for help where nobody types. */
export function useKeys(acts: Acts): void {
  const now = useRef(acts);
  now.current = acts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.repeat) return;
      const act = actOf(event) ?? (event.key === "?" && !isTyping(event.target) ? "help" : null);
      if (act !== "answer" && document.querySelector("dialog[open]") !== null) return;
      const does = act === null ? undefined : now.current[act];
      if (does === undefined) return;
      event.preventDefault();
      does();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
