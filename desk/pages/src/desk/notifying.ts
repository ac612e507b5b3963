import { useEffect, useState } from "react";
import type { Card } from "./types";

type Permission = NotificationPermission | "none";
const now = (): Permission => (typeof Notification === "undefined" ? "none" : Notification.permission);

/** The tab's title says who rings, for as long as it rings. */
export function useRingTitle(call: string | undefined, caller: string): void {
  useEffect(() => {
    if (call === undefined) return;
    const before = document.title;
    document.title = `☎ ${caller}`;
    return () => { document.title = before; };
  }, [call, caller]);
}

/** A note on the desktop when a call rings and nobody looks at this page. Several tabs show one: it has the call's name. */
export function useNotification(card: Card | undefined, title: string, body: string): { permission: Permission; ask: () => void } {
  const [permission, setPermission] = useState(now);
  useEffect(() => {
    if (card === undefined || permission !== "granted" || (!document.hidden && document.hasFocus())) return;
    const shown = new Notification(title, { body, tag: card.call, requireInteraction: true });
    shown.onclick = () => { focus(); shown.close(); };
    return () => shown.close();
    // once for each call that rings
  }, [card?.call, permission]);
  const ask = () => void Notification.requestPermission().then(setPermission);
  return { permission, ask };
}
