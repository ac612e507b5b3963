import { useCallback, useEffect, useState } from "react";
import { api } from "../../base/api";
import type { Connection } from "../../base/live_source";
import type { OperatorNow } from "../../base/live";

const AGAIN_MS = 4000;
const nameOf = (who: string) => `hotline.chats.${who}`;

/** Whether this person wants chats at this desk: kept in this browser, and the same in all its tabs. The server forgets
 * it soon after the last page is closed; so it is told again by each page that opens, and whenever it does not know. */
export function useAnswering({ name, chats_most, chats_reachable }: OperatorNow, connection: Connection) {
  const [on, setOn] = useState(() => read(name));
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const may = chats_most > 0;

  useEffect(() => {
    const heard = (event: StorageEvent) => { if (event.key === nameOf(name)) setOn(read(name)); };
    addEventListener("storage", heard);
    return () => removeEventListener("storage", heard);
  }, [name]);
  const put = useCallback(async (answers: boolean) => {
    try {
      await api.put("/api/desk/chats", { answers });
      setError(null);
    } catch (failed) {
      setError(failed);
    }
  }, []);
  useEffect(() => { if (on && may && connection === "live") void put(true); }, [on, may, connection, put]);
  useEffect(() => {
    if (!on || !may || chats_reachable || connection !== "live") return;
    const timer = setTimeout(() => { void put(true).then(() => setTurn((n) => n + 1)); }, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [on, may, chats_reachable, connection, turn, put]);

  const choose = useCallback((answers: boolean) => {
    setOn(answers);
    keep(name, answers);
    if (!answers) void put(false);      // to begin is said by the effect above
  }, [name, put]);
  return { on, may, choose, error };
}

function read(who: string): boolean {
  try {
    return localStorage.getItem(nameOf(who)) === "yes";
  } catch {
    return false;
  }
}

function keep(who: string, answers: boolean): void {
  try {
    if (answers) localStorage.setItem(nameOf(who), "yes");
    else localStorage.removeItem(nameOf(who));
  } catch {
    // it holds until the page is closed
  }
}
