import { useState } from "react";
import { api } from "../base/api";
import { useNames } from "../base/names";
import { Clock, ErrorNote } from "../base/parts";
import { useWords } from "../base/words";
import { Mute } from "../phone/mute";
import { WORDS as CHATS } from "./chats/words";
import { shortcut } from "./keys";
import type { DeskPhone } from "./phone";
import { Party, Story } from "./story";
import type { Card, Topics } from "./types";
import { WORDS } from "./words";

type Wish = "back" | "conference" | "hand_over";

/** A call that I am in. What the browser's phone does stands beside what the server does for any phone. */
export function CallCard({ card, at, phone, topics, chats, onTransfer, onRequest }: {
  card: Card; at: number; phone: DeskPhone; topics: Topics | undefined; /** Whether callers can be asked to write. */ chats: boolean; onTransfer: () => void; /** null: it is on the screen. */ onRequest: (() => void) | null;
}) {
  const t = useWords(WORDS);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const here = phone.call === card.call;
  const c = useWords(CHATS);
  const [code, setCode] = useState("");
  const invite = () => void ask(async () => setCode((await api.post<{ code: string }>(`/api/desk/calls/${card.call}/invite`)).code));

  async function ask(what: () => Promise<unknown>) {
    setBusy(true);
    setError(null);
    try {
      await what();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }
  const consultation = (wish: Wish) => void ask(() => api.post(`/api/calls/${card.call}/consultation`, { wish }));
  const recording = `/api/calls/${card.call}/recording`;
  const record = () => void ask(() => (card.recorded ? api.delete(recording) : api.post(recording)));
  const hangUp = () => void ask(() => api.post(`/api/desk/calls/${card.call}/hang-up`));

  return (
    <section className={`card stack desk-call ${card.state}`} aria-label={t("my_call")} data-call={card.call} data-state={card.state}>
      <div className="desk-call-head">
        <Party card={card} />
        <div className="right">
          <span className={`pill ${PILL[card.state] ?? "accent"}`}>{t(`state_${card.state}`)}</span>
          <p className="big figure desk-timer">{card.talks ? <Clock seconds={card.talked_s} at={at} /> : <Clock seconds={card.talked_s} at={Infinity} />}</p>
        </div>
      </div>
      <div className="row desk-acts" role="group" aria-label={t("acts")}>
        <Talk card={card} phone={phone} here={here} onTransfer={onTransfer} />
        <Asked card={card} busy={busy} onWish={consultation} />
        {card.may_record && <button aria-pressed={card.recorded} disabled={busy} onClick={record}>{t(card.recorded ? "record_stop" : "record")}</button>}
        {chats && card.state === "talking" && card.beside === "" && <button disabled={busy} onClick={invite}>{c("invite")}</button>}
        {onRequest !== null && <button onClick={onRequest}>{t("its_request")}</button>}
        <span className="grow" />
        {mayHangUp(card) && (
          <button className="bad" aria-keyshortcuts={shortcut("hang_up")} onClick={hangUp} disabled={busy}>{t("hang_up")}</button>
        )}
      </div>
      <Hint card={card} here={here} at={at} />
      {code !== "" && card.beside === "" && <p className="note" role="status" data-invite={code}>{c("invite_say", { address: `${location.host}/chat` })} <b className="figure big">{[...code].join(" ")}</b></p>}
      <ErrorNote error={error} />
      <Story card={card} at={at} topics={topics} />
    </section>
  );
}

/** What is done in a talk: by the phone of this page what a phone does, by the server what any phone can have. */
function Talk({ card, phone, here, onTransfer }: { card: Card; phone: DeskPhone; here: boolean; onTransfer: () => void }) {
  const t = useWords(WORDS);
  if (card.state !== "talking" && card.state !== "held") return null;
  return (
    <>
      {here && (
        <>
          <Mute {...phone.used} keys={shortcut("mute")} />
          <button aria-pressed={phone.held} aria-keyshortcuts={shortcut("hold")} onClick={phone.toggleHold}>{t(phone.held ? "resume" : "hold")}</button>
          <button aria-pressed={phone.keypad} aria-keyshortcuts={shortcut("keypad")} onClick={phone.toggleKeypad}>{t("keypad")}</button>
        </>
      )}
      <button className="primary" aria-keyshortcuts={shortcut("transfer")} onClick={onTransfer}>{t("transfer")}</button>
    </>
  );
}

/** How it goes on with whom I asked. */
export function Asked({ card, busy, onWish }: { card: Card; busy: boolean; onWish: (wish: Wish) => void }) {
  const t = useWords(WORDS);
  const named = useNames();
  const asked = card.on_call.find(({ part }) => part === "asked");
  if (card.state === "consulting")
    return (
      <>
        <button onClick={() => onWish("back")} disabled={busy}>{t("back_to_caller")}</button>
        <button onClick={() => onWish("conference")} disabled={busy || asked?.joined !== true}>{t("all_three")}</button>
        <button className="primary" onClick={() => onWish("hand_over")} disabled={busy}>{t("hand_over")}</button>
      </>
    );
  if (card.state !== "conference" || asked === undefined) return null;
  return (
    <>
      <button onClick={() => onWish("back")} disabled={busy}>{t("without", { who: named(asked.who) })}</button>
      <button className="primary" onClick={() => onWish("hand_over")} disabled={busy}>{t("leave_them")}</button>
    </>
  );
}

/** Where I asked somebody, the buttons say who stays with whom. */
export const mayHangUp = ({ state }: Card) => !["surveying", "consulting", "conference", "waits"].includes(state);

const PILL: Partial<Record<Card["state"], string>> = { talking: "good", held: "warn", conference: "good", surveying: "" };

/** Who else is on the call, and what happens next. */
function Hint({ card, here, at }: { card: Card; here: boolean; at: number }) {
  const t = useWords(WORDS);
  const c = useWords(CHATS);
  const named = useNames();
  const asked = card.on_call.find(({ part }) => part === "asked");
  const others = card.on_call.filter(({ part }) => part !== "asked");
  return (
    <>
      {card.state === "held" && <p className="note warn">{t("held_hint")}</p>}
      {asked !== undefined && card.state !== "conference" && (
        <p className="note">
          {t(asked.joined ? "asks" : card.state === "transferring" ? "is_sent" : "is_rung", { who: named(asked.who) })}
          {!asked.joined && card.ends_in_s !== null && <> <Clock seconds={card.ends_in_s} at={at} down /></>}
        </p>
      )}
      {card.state === "conference" && <p className="note good">{t("three", { who: [...(asked === undefined ? [] : [asked]), ...others].map(({ who }) => named(who)).join(", ") })}</p>}
      {card.state !== "conference" && others.map(({ who, part }) => <p key={who} className="note">{t(part === "operator" ? "with_operator" : "with_supervisor", { who: named(who) })}</p>)}
      {card.beside !== "" && <p className="note">{c(card.state === "waits" ? "waits_beside" : "beside")}</p>}
      {card.state === "surveying" && <p className="note">{t("survey_hint")}</p>}
      {!here && card.state === "talking" && <p className="small muted">{t("on_phone_hint")}</p>}
    </>
  );
}
