import { useState } from "react";
import { api } from "../../base/api";
import { ErrorNote } from "../../base/parts";
import { useWords } from "../../base/words";
import { letterOf, shortcut } from "../keys";
import type { Card } from "../types";
import { WORDS } from "./words";

/** Take the chat that is offered, or let it go on. `take` puts it on the screen. */
export function OfferActs({ card, take }: { card: Card; take: (call: string) => Promise<void> }) {
  const t = useWords(WORDS);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ask = (what: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    what().catch(setError).finally(() => setBusy(false));
  };
  return (
    <>
      <div className="desk-answers">
        <button className="good desk-answer" disabled={busy} aria-keyshortcuts={shortcut("answer")} onClick={() => ask(() => take(card.call))}>
          {t("take")} <kbd>Alt+{letterOf("answer")}</kbd>
        </button>
        <button disabled={busy} title={t("not_now_hint")} onClick={() => ask(() => api.post(`/api/chats/${card.call}/leave`))}>{t("not_now")}</button>
      </div>
      <ErrorNote error={error} />
    </>
  );
}
