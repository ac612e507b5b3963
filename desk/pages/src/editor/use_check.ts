import { useCallback, useEffect, useRef, useState } from "react";
import { server } from "./server";
import type { Checked, Drafts, Graph } from "./types";

const PAUSE = 500;      // ms without a key before the text is checked

export interface Check {
  checked: Checked | null;
  /** The last picture that could be drawn. */
  graph: Graph | null;
  /** Whether the picture is that of the text as it stands. */
  drawn: boolean;
  running: boolean;
  error: unknown;
  now: () => void;
}

/** The drafts as the server's own check sees them, a moment after the last change. */
export function useCheck(drafts: Drafts, root: string, ready: boolean): Check {
  const [checked, setChecked] = useState<Checked | null>(null);
  const [graph, setGraph] = useState<Graph | null>(null);
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const turn = useRef(0);
  const asked = useRef({ drafts, root });
  asked.current = { drafts, root };

  const now = useCallback(() => {
    const mine = ++turn.current;
    setRunning(true);
    server.check(asked.current.drafts, asked.current.root).then((found) => {
      if (mine !== turn.current) return;
      setChecked(found);
      setGraph((had) => found.graph ?? (had?.root === asked.current.root ? had : null));
      setError(null);
    }, (failed: unknown) => {
      if (mine === turn.current) setError(failed);
    }).finally(() => {
      if (mine === turn.current) setRunning(false);
    });
  }, []);

  const first = useRef(true);
  useEffect(() => {
    if (!ready) return;
    const wait = setTimeout(now, first.current ? 0 : PAUSE);
    first.current = false;
    return () => clearTimeout(wait);
  }, [drafts, root, ready, now]);

  return { checked, graph, drawn: checked?.graph !== null && checked?.graph !== undefined, running, error, now };
}
