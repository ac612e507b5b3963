import { harmless } from "../../base/harmless";
import { Clock } from "../../base/parts";
import { useWords } from "../../base/words";
import type { Card } from "../types";
import { channelName, visitorName } from "./names";
import { lastWords } from "./talk";
import type { Chats } from "./use_chats";
import { WORDS } from "./words";

/** My chats, with what came last and how much of it is unread; one of them is open. */
export function ChatList({ cards, chats, at, onOpen }: { cards: readonly Card[]; chats: Chats; at: number; onOpen: (call: string) => void }) {
  const t = useWords(WORDS);
  if (cards.length === 0) return null;
  return (
    <ul className="desk-chat-list" aria-label={t("my_chats")}>
      {cards.map((card) => {
        const last = harmless(lastWords(chats.of(card.call)));
        const unread = chats.unread(card.call);
        return (
          <li key={card.call}>
            <button aria-current={chats.open?.call === card.call ? "true" : undefined} data-chat={card.call} data-unread={unread}
                    onClick={() => { chats.show(card.call); chats.focusIt(card.call); onOpen(card.call); }}>
              <span className="spread">
                <b><bdi>{visitorName(card, t)}</bdi></b>
                {unread > 0 && <span className="pill bad" title={t("unread", { n: unread })}><span aria-hidden="true">{unread}</span><span className="hidden">{t("unread", { n: unread })}</span></span>}
              </span>
              <span className="small muted desk-chat-last">{last === "" ? t("no_words") : <bdi>{last}</bdi>}</span>
              <span className="small muted">{channelName(card, t)} · <Clock seconds={card.talked_s} at={card.talks ? at : Infinity} /></span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
