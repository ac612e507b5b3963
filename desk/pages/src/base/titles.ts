import { useEffect, useMemo, useSyncExternalStore } from "react";
import { api } from "./api";
import { words } from "./plain";
import { titleOf, type Titles } from "./titled";
import { useLanguage } from "./words";

interface Told {
  queues: Record<string, Titles>;
  transfers: Record<string, Titles>;
  lines: Record<string, Titles>;
  menus: Record<string, { titles: Titles; options: Record<string, Titles> }>;
}

/** What names of files are called on the page; a name without a title has spaces for its underscores. */
export interface Called {
  queue: (name: string) => string;
  menu: (name: string) => string;
  /** What keys of a menu are for; undefined: nobody says. */
  option: (menu: string, keys: string) => string | undefined;
  line: (number: string) => string;
}

const FRESH = 60_000;       // ms: menus change while people work, their titles seldom

let told: Told | undefined;
let askedAt = -Infinity;
const hearers = new Set<() => void>();

async function ask(): Promise<void> {
  if (performance.now() - askedAt < FRESH) return;
  askedAt = performance.now();
  try {
    told = await api.get<Told>("/api/titles");
  } catch {
    askedAt = -Infinity;        // names do meanwhile; the next page that needs them asks again
  }
  hearers.forEach((changed) => changed());
}

function subscribe(changed: () => void): () => void {
  hearers.add(changed);
  return () => hearers.delete(changed);
}

/** Titles of queues, menus and lines in the page's language. */
export function useTitles(): Called {
  const language = useLanguage();
  useEffect(() => void ask(), []);
  const now = useSyncExternalStore(subscribe, () => told);
  return useMemo(() => ({
    queue: (name) => titleOf(now?.queues[name] ?? now?.transfers[name], language, words(name)),
    menu: (name) => titleOf(now?.menus[name]?.titles, language, words(name)),
    option: (menu, keys) => {
      const titles = now?.menus[menu]?.options[keys];
      return titles?.[language];
    },
    line: (number) => {
      const title = titleOf(now?.lines[number], language, "");
      return title === "" ? number : `${title} · ${number}`;
    },
  }), [now, language]);
}
