import { useCallback, useState } from "react";
import { api } from "../base/api";
import { WORDS as BASE } from "../base/base_words";
import type { CallNow } from "../base/live";
import { toast, wordsOf } from "../base/parts";
import { useWords } from "../base/words";
import { WORDS } from "./words";

export type Mode = "listen" | "whisper" | "barge";
const KEPT = "hotline.supervisor.phone";

/** On whose phone somebody listens: their own account, or what an administrator chose in this browser. */
export function useOwnPhone(own: string): [string, (name: string) => void] {
  const [phone, hold] = useState(() => {
    try {
      return localStorage.getItem(KEPT) ?? own;
    } catch {
      return own;
    }
  });
  const choose = useCallback((name: string) => {
    hold(name);
    try {
      localStorage.setItem(KEPT, name);
    } catch {
      // it holds until the page is closed
    }
  }, []);
  return [phone, choose];
}

/** What can be done with a call, each said at the page's edge when it went, or why not. */
export function useActions(phone: string, soon: () => void) {
  const t = useWords(WORDS);
  const base = useWords(BASE);
  const told = useCallback(async (doing: Promise<unknown>, said: string) => {
    try {
      await doing;
      if (said !== "") toast(said);
      return true;
    } catch (error) {
      toast(wordsOf(error, base("unreachable")), "bad");
      return false;
    }
  }, [base]);
  const path = (call: string) => `/api/calls/${encodeURIComponent(call)}`;
  return {
    supervise: (call: CallNow, mode: Mode) => {
      const there = call.supervisors.some(({ supervisor }) => supervisor === phone);
      if (!there) soon();
      return told(api.put(`${path(call.call)}/supervisors/${encodeURIComponent(phone)}`, { mode }), there ? "" : t("do_listen"));
    },
    leave: (call: CallNow, who: string) => told(api.delete(`${path(call.call)}/supervisors/${encodeURIComponent(who)}`), ""),
    take: (call: CallNow, to: string) => {
      if (to === phone) soon();
      return told(api.post(`${path(call.call)}/take`, { to }), t("taking", { to }));
    },
    hangUp: (call: CallNow, reason: string) => told(api.post(`${path(call.call)}/hang-up`, { reason }), t("hung_up")),
  };
}

export const TALKS: ReadonlySet<string> = new Set(["bridged", "consulting", "conference", "referred"]);
export const WAITS: ReadonlySet<string> = new Set(["queued", "connecting", "briefing"]);
