import { useEffect, useState } from "react";
import { api } from "../base/api";
import { useLive, useLiveState, type Told } from "../base/live";
import type { MyDesk } from "./types";

const AGAIN_MS = 2000;

/** The operator and their calls: by the live stream, and while that does not come (before its first word, or where a
 * proxy cuts streams) by asking. What was heard last wins. */
export function useMyDesk(): { told: Told<MyDesk> | undefined; error: unknown } {
  const live = useLive<MyDesk>("me");
  const state = useLiveState();
  const [asked, setAsked] = useState<Told<MyDesk>>();
  const [error, setError] = useState<unknown>(null);
  const flows = state === "live" && live !== undefined;

  useEffect(() => {
    if (flows) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      api.get<MyDesk>("/api/desk", {}, stop.signal).then(
        (value) => { setAsked({ value, at: performance.now() }); setError(null); },
        (failed) => { if (!stop.signal.aborted) setError(failed); },
      ).finally(() => { if (!stop.signal.aborted) timer = setTimeout(ask, AGAIN_MS); });
    };
    ask();
    return () => { stop.abort(); clearTimeout(timer); };
  }, [flows]);

  const told = live !== undefined && (asked === undefined || live.at >= asked.at) ? live : asked;
  return { told, error: told === undefined ? error : null };
}
