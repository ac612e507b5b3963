import type { Translate } from "../base/words";
import type { ChatWord } from "./words";

/** What a message of the form "call" says: `wish +7…` of the visitor, `over` or `over 61` (s) of a call beside the chat. */
export function noteOf(body: string, t: Translate<ChatWord>): string {
  const [what, value = ""] = body.split(" ");
  if (what === "wish") return t("note_wish", { number: value });
  return value === "" ? t("note_missed") : t("note_over", { length: lengthOf(Number(value)) });
}

/** "1:05" of 65 s. */
export const lengthOf = (seconds: number): string =>
  Number.isFinite(seconds) ? `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}` : "";
