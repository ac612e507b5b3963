import { useSyncExternalStore } from "react";

const wide = matchMedia("(min-width: 900px)");

/** Whether text and picture stand side by side; else they are tabs. */
export function useWide(): boolean {
  return useSyncExternalStore((changed) => {
    wide.addEventListener("change", changed);
    return () => wide.removeEventListener("change", changed);
  }, () => wide.matches);
}
