import type { Translate } from "../../base/words";
import type { Text } from "./talk";
import type { ChatWord } from "./words";

/** The telephone at which the visitor wants to be called: the last one that they gave; "" for none. */
export function wishOf(texts: readonly Pick<Text, "form" | "body">[]): string {
  const last = texts.filter(({ form, body }) => form === "call" && body?.startsWith("wish ")).at(-1);
  return last?.body?.slice("wish ".length) ?? "";
}

/** What a message of the form "call" says: `wish +7…`, or `over` with the length of the talk (s), if there was one. */
export function noteOf(body: string, t: Translate<ChatWord>): string {
  const [what, value = ""] = body.split(" ");
  if (what === "wish") return t("wishes_call", { number: value });
  if (value === "") return t("call_missed");
  const seconds = Number(value);
  return t("call_over", { length: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` });
}
