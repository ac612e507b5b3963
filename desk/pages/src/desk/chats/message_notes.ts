import { useEffect, useRef } from "react";
import { harmless } from "../../base/harmless";
import { useWords } from "../../base/words";
import type { Card } from "../types";
import { visitorName } from "./names";
import { ding } from "./sound";
import { lastWords } from "./talk";
import type { Chats } from "./use_chats";
import { WORDS } from "./words";

/** A sound, and a note on the desktop, when somebody writes and nobody looks at this page. */
export function useMessageNotes(cards: readonly Card[], chats: Chats): void {
  const t = useWords(WORDS);
  const before = useRef(new Map<string, number>());
  useEffect(() => {
    for (const card of cards) {
      const unread = chats.unread(card.call);
      const known = before.current.get(card.call) ?? 0;
      before.current.set(card.call, unread);
      if (unread <= known || (!document.hidden && document.hasFocus())) continue;
      ding();
      if (typeof Notification === "undefined" || Notification.permission !== "granted") continue;
      const shown = new Notification(t("new_message", { who: visitorName(card, t) }),
        { body: harmless(lastWords(chats.of(card.call), { visitor: true })), tag: `chat ${card.call}` });
      shown.onclick = () => { focus(); chats.show(card.call); shown.close(); };
    }
  });
}
