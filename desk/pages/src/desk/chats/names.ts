import { oneLine } from "../../base/harmless";
import type { Translate } from "../../base/words";
import { isChat, type Card } from "../types";
import type { ChatWord } from "./words";

const KNOWN: Record<string, ChatWord> = { web: "channel_web", telegram: "channel_telegram", sip: "channel_sip" };

/** By which way somebody writes; "" for who speaks. */
export function channelName(card: Pick<Card, "channel">, t: Translate<ChatWord>): string {
  if (!isChat(card)) return "";
  const word = KNOWN[card.channel];
  return word === undefined ? t("channel_other", { channel: card.channel }) : t(word);
}

/** Whether files go to the visitor by this channel, as the server has it (`ivr/base/file_said.py`). */
export const takesFiles = (card: Pick<Card, "channel">): boolean => card.channel === "web";

/** What the visitor calls themselves: a hint, never a proof. */
export const visitorName = (card: Pick<Card, "name" | "number">, t: Translate<ChatWord>) => oneLine(card.name) || oneLine(card.number) || t("visitor");
