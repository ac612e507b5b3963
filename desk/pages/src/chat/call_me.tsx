import { useEffect, useState, type FormEvent } from "react";
import { Dialog, Field } from "../base/parts";
import { useWords } from "../base/words";
import type { Chat } from "./chat";
import type { Voice } from "./voice";
import { WORDS, type ChatWord } from "./words";

const REFUSED: Readonly<Record<string, ChatWord>> = {
  menu: "voice_menu", has_call: "voice_has_call", no_room: "voice_no_room", too_often: "voice_too_often",
  not_allowed: "voice_not_allowed", bad_number: "voice_bad_number",
};
const TOLD: Readonly<Record<string, ChatWord>> = {
  asking: "voice_asking", ready: "voice_ready", begins: "voice_begins", rings: "voice_rings", waits: "voice_waits",
  queued: "voice_queued", dials: "voice_dials", talks: "voice_talks", wished: "voice_wished",
};

/** How the visitor wants to speak: here, in a window of its own where a foreign page shows the chat, or by telephone. */
export function CallMe({ chat, framed, onAsk, onHere, onClose }: {
  chat: Chat; framed: boolean; onAsk: (number: string | null) => void; onHere: () => void; onClose: () => void;
}) {
  const t = useWords(WORDS);
  const { voice, calls } = chat;
  const [number, setNumber] = useState("");
  const byWindow = framed && calls.includes("page");
  useEffect(() => { if (byWindow) onAsk(null); }, []);        // what the link needs, before it is pressed
  useEffect(() => { if (voice.how === "wished") onClose(); }, [voice.how]);
  function ask(event: FormEvent) {
    event.preventDefault();
    if (number.trim() !== "") onAsk(number.trim());
  }
  return (
    <Dialog title={t("call_title")} onClose={onClose}>
      <div className="stack call-me">
        <p>{t("call_hint")}</p>
        {calls.includes("page") && !framed && <button className="primary big-button" onClick={onHere}>{t("call_page")}</button>}
        {byWindow && (
          <>
            {voice.code === "" ? <p className="muted">{voice.how === "refused" ? "" : t("call_window_wait")}</p>
              : <a className="button primary big-button" href={`/call#${voice.code}`} target="_blank" rel="noopener" onClick={onClose}>{t("call_window")}</a>}
            <p className="muted small">{t("call_window_hint")}</p>
          </>
        )}
        {calls.includes("telephone") && (
          <form className="stack" onSubmit={ask}>
            <h3>{t("call_telephone")}</h3>
            <Field label={t("call_number")} hint={t("call_number_hint")}>
              <input name="number" type="tel" autoComplete="tel" inputMode="tel" maxLength={40} dir="ltr" value={number} onChange={(event) => setNumber(event.target.value)} />
            </Field>
            <button className={calls.includes("page") ? "" : "primary"}>{t("call_ask")}</button>
          </form>
        )}
        {voice.how === "refused" && <p className="note bad" role="alert">{t(REFUSED[voice.reason] ?? "voice_refused")}</p>}
      </div>
    </Dialog>
  );
}

/** One line about the call beside the chat, as long as there is something to say. */
export function VoiceLine({ voice }: { voice: Voice }) {
  const t = useWords(WORDS);
  const word = voice.how === "refused" ? REFUSED[voice.reason] ?? "voice_refused"
    : voice.how === "over" ? (voice.reason === "" ? "voice_over" : "voice_not_taken") : TOLD[voice.how];
  if (word === undefined || voice.how === "ready") return null;
  return <p className={`voice ${voice.how}`} role="status" data-voice={voice.how}><bdi>{t(word, { name: voice.name || t("operator") })}</bdi></p>;
}
