import { useEffect } from "react";
import { api } from "../../base/api";
import { ErrorNote, useAsked } from "../../base/parts";
import { useWords } from "../../base/words";
import "./chats.css";
import type { Text } from "./talk";
import { Line } from "./transcript";
import { WORDS } from "./words";

const PAGE = 200, MOST = 10_000, LOOK_MS = 3000;

/** All that was written in a chat, for who looks at its record. */
export function ChatHistory({ call, visitor, goesOn }: { call: string; visitor: string; goesOn: boolean }) {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked((signal) => all(call, signal), [call]);
  useEffect(() => {
    if (!goesOn) return;
    const timer = setInterval(() => { if (!document.hidden) again(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [goesOn, again]);
  return (
    <section className="card stack">
      <h2>{t("transcript")}</h2>
      <ErrorNote error={error} again={again} />
      <div className="desk-chat-texts" role="region" aria-label={t("transcript")} tabIndex={0}>
        {value?.length === 0 && <p className="muted">{t("no_words")}</p>}
        <ol>{value?.map((text) => <Line key={text.position} call={call} text={text} me="" visitor={visitor} />)}</ol>
      </div>
    </section>
  );
}

async function all(call: string, signal: AbortSignal): Promise<Text[]> {
  const found: Text[] = [];
  for (let more = true; more && found.length < MOST;) {
    const { items } = await api.get<{ items: Text[] }>(`/api/chats/${encodeURIComponent(call)}/messages`, { after: found.at(-1)?.position ?? -1 }, signal);
    found.push(...items);
    more = items.length === PAGE;
  }
  return found;
}
