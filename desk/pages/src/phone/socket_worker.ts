/**
 * The worker that has the WebSocket. Audio goes between it and the worklet over a port of their own, so a page that is
 * busy for half a second holds nothing up; the page sends commands and hears of events.
 */

import { OFF, stepLink, type Link, type LinkEvent } from "./link";
import { parse, type FromServer, type ToServer } from "./wire";

/** From the page. `take`: the phone is wanted though another page has it; `port` is the worklet's, if there is audio. */
export type ToWorker =
  | { type: "connect"; url: string; token: string | null; take: boolean }
  | { type: "disconnect" }
  | { type: "port"; port: MessagePort }
  | { type: "say"; said: ToServer };

/** To the page. `skipped`: frames that were not sent because the network did not take them. */
export type FromWorker =
  | { type: "link"; link: Link }
  | { type: "said"; said: FromServer }
  | { type: "network"; round_trip_ms: number; skipped: number };

const MOST_BUFFERED = 8000;       // octets that the network has not taken yet: a second of audio; later is too late
const PING_EVERY = 2000;          // ms
const DEAD_AFTER = 6000;          // ms without any answer: the network is gone though nobody said so
const NETWORK_GONE = 4900;        // our own close code for that
const ELSEWHERE = 4009;
const AGAIN_AFTER = 1000;         // ms until hello is said again to a server whose telephone part is starting

const page = self as unknown as { postMessage(said: FromWorker): void; onmessage: ((event: MessageEvent<ToWorker>) => void) | null };
let link: Link = OFF;
let url = "";
let token: string | null = null;
let take = false;
let isReady = false;
let socket: WebSocket | null = null;
let worklet: MessagePort | null = null;
let skipped = 0;
let heardAt = 0;

function tell(event: LinkEvent): void {
  const [next, todo] = stepLink(link, event);
  const changed = next !== link;
  link = next;
  if (changed) page.postMessage({ type: "link", link });
  for (const one of todo) {
    if (one.do === "open") open();
    else if (one.do === "hello") hello();
    else if (one.do === "wait") setTimeout(() => tell({ type: "waited" }), one.ms);
    else drop();
  }
}

function open(): void {
  drop();
  const made = new WebSocket(url);
  made.binaryType = "arraybuffer";
  socket = made;
  isReady = false;
  heardAt = performance.now();
  made.onopen = () => { if (made === socket) tell({ type: "opened" }); };
  made.onclose = ({ code }) => {
    if (made !== socket) return;
    socket = null;
    tell({ type: "closed", code });
  };
  made.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
    heardAt = performance.now();
    if (typeof data !== "string") worklet?.postMessage(data, [data]);
    else hear(data);
  };
}

function hear(text: string): void {
  const said = parse(text);
  if (said === null) return;
  if (said.type === "pong") {
    page.postMessage({ type: "network", round_trip_ms: Math.round(performance.now() - said.at), skipped });
    return;
  }
  if (said.type === "ready") {
    token = said.token;
    isReady = true;
    take = false;
  } else if (said.type === "refused" && !isReady && notReady(said.code)) return;
  page.postMessage({ type: "said", said });
}

/** What the server says to a hello; true: the page need not hear of it. */
function notReady(code: string): boolean {
  if (code === "elsewhere") {
    drop();
    tell({ type: "closed", code: ELSEWHERE });
    return true;
  }
  if (code !== "control_away") return false;
  setTimeout(hello, AGAIN_AFTER);
  return true;
}

function hello(): void {
  say({ type: "hello", resume: token, take });
}

function say(said: ToServer): void {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(said));
}

function drop(): void {
  const left = socket;
  socket = null;
  if (left !== null) {
    left.onclose = left.onmessage = left.onopen = null;
    left.close(1000);
  }
}

function send(frame: ArrayBuffer): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MOST_BUFFERED) skipped += 1;
  else socket.send(frame);
}

setInterval(() => {
  if (link.state !== "open") return;
  if (performance.now() - heardAt > DEAD_AFTER) {
    drop();
    tell({ type: "closed", code: NETWORK_GONE });
  } else say({ type: "ping", at: performance.now() });
}, PING_EVERY);

page.onmessage = ({ data }) => {
  if (data.type === "connect") {
    url = data.url;
    ({ token, take } = data);
    tell({ type: "wanted" });
  } else if (data.type === "disconnect") tell({ type: "unwanted" });
  else if (data.type === "say") say(data.said);
  else {
    worklet?.close();
    worklet = data.port;
    worklet.onmessage = ({ data: frame }: MessageEvent<unknown>) => { if (frame instanceof ArrayBuffer) send(frame); };
  }
};
