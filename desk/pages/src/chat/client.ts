/** The chat of this page: the machine of chat.ts with a socket, timers and what the browser keeps. */

import { ApiError } from "../base/api";
import { step, upTo, type Chat, type Do, type Event } from "./chat";
import { forget, isToken, keep, KEPT, recall, tokenOf } from "./kept";
import { Uploads } from "./uploads";
import { read, type Said } from "./wire";

const PING_MS = 25_000;             // proxies close what is quiet for a minute
const PONG_MS = 10_000;             // so long without an answer, and the connection is dead
const TYPING_MS = 5000;
const KEEP_MS = 150;

export class ChatClient {
  private chat: Chat = recall(Date.now());
  private readonly hearers = new Set<() => void>();
  private socket: WebSocket | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private soon = false;              // what found nobody is said again when `waiting` is over
  private keeping: ReturnType<typeof setTimeout> | undefined;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private pingAt = 0;
  private heardAt = 0;
  private typedAt = 0;
  readonly files = new Uploads(() => this.chat.token);

  readonly subscribe = (changed: () => void): (() => void) => {
    this.hearers.add(changed);
    return () => this.hearers.delete(changed);
  };
  readonly now = (): Chat => this.chat;

  /** Open the connection and keep it. Returns what stops that. */
  begin(): () => void {
    const online = () => this.take({ type: "wanted" });
    const elsewhere = (event: StorageEvent) => {
      if (event.key === KEPT && event.newValue !== null) this.take({ type: "kept_elsewhere", token: tokenOf(event.newValue) });
    };
    const hide = () => this.keepNow();
    addEventListener("online", online);
    addEventListener("storage", elsewhere);
    addEventListener("pagehide", hide);
    this.ticking = setInterval(() => this.tick(), 1000);
    this.take({ type: "wanted" });
    return () => {
      removeEventListener("online", online);
      removeEventListener("storage", elsewhere);
      removeEventListener("pagehide", hide);
      clearInterval(this.ticking);
      this.stopWaiting();
      this.keepNow();
      this.shut();
      this.chat = { ...this.chat, link: "off" };
    };
  }

  /** Become the visitor of this token, unless a chat goes on here. */
  adopt(token: string): void {
    if (isToken(token)) this.take({ type: "kept_elsewhere", token });
  }

  /** `invite`: the code that an operator told by telephone; "" for none. */
  start(name: string, invite = ""): void {
    this.take({ type: "start", name, invite });
  }

  /** `label`: what stands on the button that was pressed. */
  say(body: string, label = ""): void {
    this.take({ type: "say", key: newKey(), body, label, at: new Date().toISOString() });
  }

  attach(files: readonly File[]): void {
    for (const file of files) {
      const key = newKey();
      this.files.add(key, file);
      this.take({ type: "attach", key, name: file.name, bytes: file.size, at: new Date().toISOString() });
    }
  }

  again(key: string): void {
    this.take({ type: "again", key });
  }

  drop(key: string): void {
    this.take({ type: "drop", key });
  }

  typing(): void {
    if (this.chat.link !== "ready" || this.chat.phase !== "going" || this.chat.secret || Date.now() - this.typedAt < TYPING_MS) return;
    this.typedAt = Date.now();
    this.send({ type: "typing" });
  }

  /** Speak with the operator: in this page, or at this number. */
  callMe(number: string | null): void {
    this.take({ type: "call_me", number });
  }

  leave(): void {
    this.take({ type: "leave" });
  }

  /** From the beginning; what was written before is shown no longer, and this browser forgets it. */
  anew(): void {
    this.take({ type: "anew" });
    this.files.forget();
    forget();
  }

  private take(event: Event): void {
    const before = this.chat;
    const [chat, todo] = step(before, event);
    this.chat = chat;
    todo.forEach((one) => this.do(one));
    if (chat === before) return;
    this.hearers.forEach((changed) => changed());
    this.keeping ??= setTimeout(() => this.keepNow(), KEEP_MS);
  }

  private wait(ms: number): void {
    this.stopWaiting();
    // Many pages that lost a server at once do not come back at once.
    this.waiting = setTimeout(() => {
      this.soon = false;
      this.take({ type: "waited" });
    }, ms * (0.75 + Math.random() / 2));
  }

  private stopWaiting(): void {
    clearTimeout(this.waiting);
    this.soon = false;
  }

  private do(one: Do): void {
    switch (one.do) {
      case "open":
        this.open();
        return;
      case "close":
        this.shut();
        return;
      case "send":
        this.send(one.said);
        return;
      case "upload":
        this.upload(one.key);
        return;
      case "stop_upload":
        this.files.stop(one.key);
        return;
      case "hello_again":
        if (!this.soon) this.wait(one.ms);      // else what waits longest would be put off by what is said after it
        this.soon = true;
        return;
      case "wait":
        this.wait(one.ms);
    }
  }

  private upload(key: string): void {
    this.files.send(key, (part) => this.take({ type: "sent_part", key, part }))
      .then((said) => this.take({ type: "sent_file", key, said }), (error: unknown) => this.take({ type: "not_sent", key, reason: error instanceof ApiError ? error.code : "broken_off" }));
  }

  private open(): void {
    this.shut();
    this.stopWaiting();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/chat`);
    this.socket = socket;
    socket.onopen = () => {
      this.heardAt = this.pingAt = Date.now();
      this.take({ type: "opened" });
    };
    socket.onmessage = ({ data }) => {
      this.heardAt = Date.now();
      const told = read(data);
      if (told !== null) this.take({ type: "told", told, now: Date.now() });
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.lost(code);
    };
  }

  private lost(code: number): void {
    this.socket = null;
    this.take({ type: "closed", code });
  }

  private shut(): void {
    const socket = this.socket;
    this.socket = null;
    // One that is closed before it is open would be a warning in the visitor's console
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }

  private send(said: Said): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(said));
  }

  private tick(): void {
    const now = Date.now();
    this.take({ type: "ticked", now });
    if (this.chat.link !== "ready") return;
    if (this.pingAt > this.heardAt && now - this.pingAt > PONG_MS) {
      this.shut();
      this.lost(1006);
    } else if (now - Math.max(this.heardAt, this.pingAt) > PING_MS) {
      this.pingAt = now;
      this.send({ type: "ping" });
    }
  }

  private keepNow(): void {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    // Who has never written anything leaves nothing behind.
    if (this.chat.phase !== "none" || upTo(this.chat) >= 0) keep(this.chat, Date.now());
  }
}

function newKey(): string {
  const octets = crypto.getRandomValues(new Uint8Array(12));
  return [...octets].map((one) => one.toString(16).padStart(2, "0")).join("");
}
