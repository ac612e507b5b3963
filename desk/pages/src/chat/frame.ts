/**
 * The page inside a frame of another site's page, and chat.js around it. Each says who it is for (`targetOrigin`) and
 * looks who has spoken (`origin`, `source`); what they tell is no more than that the window is open, and a number.
 *
 *   frame → page: {hotline: "chat", unread, going}    {hotline: "close"}
 *   page → frame: {hotline: "shown", shown: true | false}
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

/** Calls `shown` whenever the page around us opens or closes the window. */
export function hearAround(origin: string, shown: (isShown: boolean) => void): () => void {
  function hear(event: MessageEvent) {
    if (event.source !== parent || event.origin !== origin) return;
    const { data } = event;
    if (typeof data === "object" && data !== null && data.hotline === "shown") shown(data.shown === true);
  }
  addEventListener("message", hear);
  return () => removeEventListener("message", hear);
}
