/**
 * The page inside a frame of another site's page, and chat.js around it. Each says who it is for (`targetOrigin`) and
 * looks who has spoken (`origin`, `source`); what they tell is no more than that the window is open, and a number.
 * Where the browser forbids a frame to keep anything, the page around keeps the visitor's token until its tab is closed.
 *
 *   frame → page: {hotline: "ready"}    {hotline: "chat", unread, going, token?, seen?}    {hotline: "close"}
 *   page → frame: {hotline: "shown", shown: true | false, token, seen}
 */

/** The origin of the page around us, as chat.js gave it in the address; "" outside of a frame. A lie in it reaches
 * nobody: browsers deliver to this origin alone. */
export function around(params: URLSearchParams, top: boolean): string {
  const given = params.get("in") ?? "";
  if (top) return "";
  try {
    const { origin, protocol } = new URL(given);
    return origin === given && (protocol === "https:" || protocol === "http:") ? origin : "";
  } catch {
    return "";
  }
}

export function tellAround(origin: string, message: Readonly<Record<string, unknown>>): void {
  if (origin !== "") parent.postMessage(message, origin);
}

/** Calls `shown` whenever the page around us opens or closes the window; `token` is what it keeps for us, if anything, and
 * `seen` up to where that was read. */
export function hearAround(origin: string, shown: (isShown: boolean, token: string, seen: number) => void): () => void {
  function hear(event: MessageEvent) {
    if (event.source !== parent || event.origin !== origin) return;
    const { data } = event;
    if (typeof data === "object" && data !== null && data.hotline === "shown") shown(data.shown === true, String(data.token ?? ""), Number.isInteger(data.seen) ? data.seen : -1);
  }
  addEventListener("message", hear);
  return () => removeEventListener("message", hear);
}
