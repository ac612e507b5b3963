import { useEffect, useState } from "react";
import { server } from "./server";
import type { Heat, MenuHeat } from "./types";

export type Span = 0 | 48 | 168 | 720;      // hours; 0: off
const AGAIN = 5000;                          // ms

/** Where callers are now and where they gave up, told again while one looks. */
export function useHeat(root: string, span: Span): { heat: Heat | null; error: unknown } {
  const [heat, setHeat] = useState<Heat | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    setHeat(null);
    setError(null);
    if (span === 0 || root === "") return;
    const stop = new AbortController();
    let next: ReturnType<typeof setTimeout>;
    const look = () => {
      if (document.hidden) {
        next = setTimeout(look, AGAIN);
        return;
      }
      server.heat(root, span, stop.signal).then((found) => {
        setHeat(found);
        setError(null);
      }, (failed: unknown) => {
        if (!stop.signal.aborted) setError(failed);
      }).finally(() => {
        if (!stop.signal.aborted) next = setTimeout(look, AGAIN);
      });
    };
    look();
    return () => {
      stop.abort();
      clearTimeout(next);
    };
  }, [root, span]);
  return { heat, error };
}

/** The share of those who came that gave up here. */
export function dropOff(menu: MenuHeat | undefined): number {
  return menu === undefined || menu.entered === 0 ? 0 : Math.min(1, menu.hung_up / menu.entered);
}

/** 0 (nobody gives up) to 4 (a quarter and more); nothing where nobody came. */
export function heatClass(menu: MenuHeat | undefined): string {
  if (menu === undefined || menu.entered === 0) return "";
  const share = dropOff(menu);
  return `heat-${share === 0 ? 0 : share < 0.05 ? 1 : share < 0.12 ? 2 : share < 0.25 ? 3 : 4}`;
}
