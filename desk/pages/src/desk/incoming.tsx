import { useEffect, useRef, useState } from "react";
import { oneLine } from "../base/harmless";
import { useNames } from "../base/names";
import { useNow } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { visitorName } from "./chats/names";
import { OfferActs } from "./chats/offer";
import { WORDS as CHATS } from "./chats/words";
import { letterOf, shortcut } from "./keys";
import type { DeskPhone } from "./phone";
import { Party, Story } from "./story";
import { isChat, type Card, type Topics } from "./types";
import { WORDS } from "./words";

/** A call that rings: the story, how long it still rings, and who else is rung. It takes no focus from who types. */
export function Incoming({ card, at, phone, topics, take }: {
  card: Card; at: number; phone: DeskPhone; topics: Topics | undefined; take: (call: string) => Promise<void>;
}) {
  const t = useWords(WORDS);
  const c = useWords(CHATS);
  const title = isChat(card) ? c("offered") : card.beside !== "" ? c("from_chat") : t("incoming");
  const named = useNames();
  return (
    <section className="card stack desk-incoming" aria-label={title} data-call={card.call}>
      <div className="desk-incoming-head">
        <div className="grow stack">
          <p className="desk-eyebrow">{card.callback ? t("incoming_callback") : title}</p>
          <Party card={card} />
        </div>
        {card.ends_in_s !== null && <Countdown key={card.call} seconds={card.ends_in_s} at={at} />}
      </div>
      <Story card={card} at={at} topics={topics} />
      {card.brought !== null && <p className="note" data-brought={card.brought.how}>{t(`brought_${card.brought.how}`, { who: named(card.brought.who) })}</p>}
      {card.also_rings.length > 0 && <p className="small muted">{t("also_rings", { who: card.also_rings.map(named).join(", ") })}</p>}
      {isChat(card) ? <OfferActs card={card} take={take} /> : phone.rings && phone.call === card.call ? (
        <div className="desk-answers">
          <button className="good desk-answer" aria-keyshortcuts={shortcut("answer")} onClick={phone.answer}>
            {t("answer")} <kbd>Alt+{letterOf("answer")}</kbd>
          </button>
          <button onClick={phone.refuse} title={t("refuse_hint")}>{t("refuse")}</button>
        </div>
      ) : <p className="note">{t(phone.used.elsewhere ? "answer_elsewhere" : "answer_on_phone")}</p>}
    </section>
  );
}

const AROUND = 2 * Math.PI * 26;

/** A ring that empties while it rings. */
function Countdown({ seconds, at }: { seconds: number; at: number }) {
  const t = useWords(WORDS);
  const now = useNow();
  const whole = useRef(Math.max(seconds, 1));
  const left = Math.max(0, seconds - Math.max(0, now - at) / 1000);
  return (
    <span className={`desk-countdown${left < 4 ? " soon" : ""}`} role="timer" aria-live="off" aria-label={t("rings_for", { n: Math.ceil(left) })}>
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <circle cx="32" cy="32" r="26" className="ground" />
        <circle cx="32" cy="32" r="26" className="left" strokeDasharray={AROUND}
                strokeDashoffset={AROUND * (1 - Math.min(1, left / whole.current))} />
      </svg>
      <span className="figure" aria-hidden="true">{Math.ceil(left)}</span>
    </span>
  );
}

/** What a screen reader says of calls as they come and go; nobody's focus is moved. */
export function Announcer({ cards, lost }: { cards: Card[]; lost: { call: string; how: string; by: string } | null }) {
  const t = useWords(WORDS);
  const c = useWords(CHATS);
  const called = useTitles();
  const named = useNames();
  const [said, setSaid] = useState("");
  const rings = cards.find(({ state }) => state === "ringing");
  const lostBy = lost === null ? "" : `${lost.call} ${lost.how} ${lost.by}`;
  useEffect(() => {
    if (rings !== undefined) {
      const incoming = isChat(rings) ? c("says_offered", { who: visitorName(rings, c), queue: called.queue(rings.queue) }) : t("says_incoming", { who: rings.colleague || oneLine(rings.name) || rings.number || t("no_number"), queue: called.queue(rings.queue) });
      setSaid(rings.brought === null ? incoming : `${incoming} ${t(`brought_${rings.brought.how}`, { who: named(rings.brought.who) })}`);
    }
    else if (lost !== null) setSaid(lost.by !== "" ? t("taken_by", { who: lost.by }) : t("says_lost"));
    // only what is another call, or another end of it, is said again
  }, [rings?.call, rings?.brought?.how, lostBy]);
  return <p className="hidden" role="status" aria-live="assertive">{said}</p>;
}
