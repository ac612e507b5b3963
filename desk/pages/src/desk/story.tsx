import { oneLine } from "../base/harmless";
import { useNames } from "../base/names";
import { Clock } from "../base/parts";
import { useTitles } from "../base/titles";
import { useLanguage, useWords, words } from "../base/words";
import { titleOf } from "./titles";
import { channelName, visitorName } from "./chats/names";
import { WORDS as CHATS } from "./chats/words";
import { isChat, type Card, type Topics } from "./types";
import { WORDS } from "./words";

/** Who it is: what the caller's side shows is text, whatever it says. */
export function Party({ card }: { card: Card }) {
  const t = useWords(WORDS);
  const named = useNames();
  const c = useWords(CHATS);
  const who = isChat(card) ? visitorName(card, c) : named(card.colleague) || oneLine(card.name) || card.number || t("no_number");
  const number = card.colleague === "" && card.name !== "" ? card.number : "";
  return (
    <div className="desk-party">
      <span className="big"><bdi>{who}</bdi></span>
      {number !== "" && <span className="figure muted">{number}</span>}
    </div>
  );
}

/** The caller's story before "hello": where they came from, what they chose, what they said. */
export function Story({ card, at, topics }: { card: Card; at: number; topics: Topics | undefined }) {
  const t = useWords(WORDS);
  const c = useWords(CHATS);
  const called = useTitles();
  const language = useLanguage();
  const titles = (name: string) => topics?.fields[card.queue]?.find((field) => field.name === name)?.titles;
  const spoken = languageName(card.language, language);
  return (
    <div className="stack desk-story">
      <div className="row">
        {card.queue !== "" && <span className="pill accent">{called.queue(card.queue)}</span>}
        {isChat(card) && <span className="pill good" data-channel={card.channel}>{channelName(card, c)}</span>}
        {card.direction !== "inbound" && <span className="pill">{t(card.direction)}</span>}
        {card.callback && <span className="pill warn">{t("a_callback")}</span>}
        {spoken !== "" && <span className="pill">{spoken}</span>}
        {card.groups.map((group) => <span key={group} className="pill good">{words(group)}</span>)}
        {card.recorded && <span className="pill bad">● {t("recorded")}</span>}
      </div>
      {card.path.length > 0 && (
        <ol className="desk-path" aria-label={t("path")}>
          {card.path.map((step, number) => (
            <li key={number} title={called.menu(step.menu)}>
              <kbd>{step.keys}</kbd> {called.option(step.menu, step.keys) ?? step.label}
            </li>
          ))}
        </ol>
      )}
      <dl className="pairs">
        {card.direction === "inbound" && <><dt>{t("waited")}</dt><dd>{waits(card) ? <Clock seconds={card.waited_s} at={at} /> : <Still seconds={card.waited_s} />}</dd></>}
        {card.subject !== "" && words(card.subject) !== words(card.queue) && <><dt>{t("subject")}</dt><dd>{words(card.subject)}</dd></>}
        {card.told.map(({ name, value }) => <Told key={name} name={titleOf(titles(name), language, words(name))} value={SWITCHES.has(value) ? t(value as "yes" | "no") : value} />)}
        {card.line !== "" && <><dt>{t("line")}</dt><dd className="figure">{card.dialled || card.line}</dd></>}
      </dl>
    </div>
  );
}

const SWITCHES = new Set(["yes", "no"]);
const waits = (card: Card) => card.state === "ringing" || card.state === "briefing";

function Told({ name, value }: { name: string; value: string }) {
  return <><dt>{name}</dt><dd>{value}</dd></>;
}

function Still({ seconds }: { seconds: number }) {
  return <Clock seconds={seconds} at={Infinity} />;
}

function languageName(code: string, shown: string): string {
  try {
    return code === "" ? "" : new Intl.DisplayNames(shown, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
