/** The phone in the page: the machine with its worker, its audio, its ring and its place among the person's tabs. */

import { PageAudio, type AudioState } from "./audio";
import { keepCall, keepToken, keptCall, keptToken } from "./kept";
import { SILENT, inCall, step, type Phone, type PhoneDo, type PhoneEvent } from "./machine";
import type { FromWorker, ToWorker } from "./socket_worker";
import { AT_ONCE, Holder, type Now } from "./tabs";
import type { PhoneKind } from "./wire";
import type { Figures } from "./worklet";

export interface Shown {
  phone: Phone;
  audio: AudioState;
  /** Whether another tab of this browser has the phone. */
  elsewhere: boolean;
}

/** What the meters show; told apart, since it comes ten times a second. */
export interface Meters extends Figures {
  round_trip_ms: number | null;
  skipped: number;
}

const QUIET: Meters = { microphone: 0, ear: 0, depth_ms: 0, underruns: 0, frames: 0, round_trip_ms: null, skipped: 0 };
const HEARD = ["number", "heard", "menu", "queue", "whom"] as const;
const AFTER_ANOTHER = 500;        // ms
const PATHS: Record<PhoneKind, string> = { desk: "/ws/phone", try: "/ws/try", chat: "/ws/call" };

export class PagePhone {
  shown: Shown;
  meters: Meters = QUIET;
  private readonly hearers = new Set<() => void>();
  private readonly lookers = new Set<() => void>();
  private readonly worker: Worker;
  private readonly audio: PageAudio;
  private readonly holder: Holder;
  private lossTimer: ReturnType<typeof setTimeout> | null = null;
  private notice: Notification | null = null;
  private started = false;

  constructor(private readonly kind: PhoneKind) {
    this.worker = new Worker(new URL("./socket_worker.ts", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.heard(data);
    this.audio = new PageAudio((port) => this.toWorker({ type: "port", port }, [port]),
                               (figures) => this.measured(figures), () => this.tell());
    this.shown = { phone: SILENT, audio: this.audio.state, elsewhere: false };
    this.holder = new Holder((now) => this.stands(now));
  }

  // --- what people do --------------------------------------------------------------------------------------------
  /** Be a phone that can be called: for people who are logged in. Another tab that has it keeps it. */
  start(): void {
    this.started = true;
    if (this.holder.mine) {
      if (this.shown.phone.refusal === "not_logged_in") this.connect();       // somebody has logged in again
      return;
    }
    this.holder.hold();
    setTimeout(() => { if (this.started && !this.holder.mine) this.tell({ elsewhere: true }); }, AT_ONCE);
  }

  /** Have the phone here, whichever tab or machine has it now. */
  take(): void {
    if (this.holder.mine) this.connect(true);
    else this.holder.hold(true);
  }

  /** Be no phone any more; a call that goes on ends. */
  stop(): void {
    this.started = false;
    this.hangUp();
    this.holder.letGo();
    keepToken(this.kind, null);
    this.toWorker({ type: "disconnect" });
    this.tell({ elsewhere: false });
  }

  /** A page that was loaded again in a call goes on with it. */
  resume(): boolean {
    const going = keptToken(this.kind) !== null;
    if (going) this.do({ type: "resume", kept: keptCall(this.kind) });
    return going;
  }

  dial(number: string): void { this.do({ type: "dial", number }); }
  answer(): void { this.do({ type: "answer" }); }
  hangUp(): void { this.do({ type: "hang_up" }); }
  hold(held: boolean): void { this.do({ type: "hold", held }); }
  mute(muted: boolean): void { this.do({ type: "mute", muted }); }
  /** Ask for the microphone again, within a click: it was refused, or is there only now. */
  listen(): Promise<void> { return this.audio.listenAgain(); }
  key(key: string): void { this.do({ type: "key", key }); }

  choose(chosen: Partial<AudioState["chosen"]>): Promise<void> { return this.audio.choose(chosen); }
  /** Allow sounds, within a click. */
  wake(): Promise<void> { return this.audio.make(); }
  test(phase: (phase: "speak" | "listen" | "done") => void): Promise<void> { return this.audio.test(phase); }
  /** Ring for a moment, to hear where. */
  async testRing(): Promise<void> {
    await this.audio.startRing();
    setTimeout(() => { if (this.shown.phone.state !== "ringing") this.audio.stopRing(); }, 2500);
  }

  // --- who looks -------------------------------------------------------------------------------------------------
  subscribe = (changed: () => void): (() => void) => {
    this.hearers.add(changed);
    return () => this.hearers.delete(changed);
  };
  look = (changed: () => void): (() => void) => {
    this.lookers.add(changed);
    return () => this.lookers.delete(changed);
  };

  // --- what comes of it ------------------------------------------------------------------------------------------
  private do(event: PhoneEvent): void {
    const [phone, todo] = step(this.shown.phone, event, performance.now());
    if (inCall(phone) && HEARD.some((part) => phone[part] !== this.shown.phone[part])) keepCall(this.kind, phone);
    this.tell({ phone });
    for (const one of todo) this.perform(one);
  }

  private perform(one: PhoneDo): void {
    switch (one.do) {
      case "say": return this.toWorker({ type: "say", said: one.said });
      case "connect": return this.connect();
      case "audio": return this.sound(one.on);
      case "ring": return this.ring(one.on);
      case "mute": return this.audio.mute(one.muted);
      case "tone": return this.audio.key(one.key);
      case "keep": return keepToken(this.kind, one.token);
      case "give_up": return this.giveUp(one.after_ms);
    }
  }

  private connect(take = false): void {
    this.tell({ elsewhere: false });
    const address = new URL(PATHS[this.kind], location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.toWorker({ type: "connect", url: address.href, token: keptToken(this.kind), take });
  }

  private stands(now: Now): void {
    if (now === "lost") this.taken();
    else if (now !== "left") this.connect(now === "took");
    // the server hears of the other tab's end a moment later than we do
    else setTimeout(() => { if (this.holder.mine) this.connect(); }, AFTER_ANOTHER);
  }

  private taken(): void {
    this.toWorker({ type: "disconnect" });
    this.do({ type: "link", link: { state: "refused", tries: 0, refusal: "elsewhere" } });
    this.tell({ elsewhere: true });
  }

  private sound(on: boolean): void {
    if (on) void this.audio.open();
    else {
      this.audio.close();
      this.meters = { ...QUIET, round_trip_ms: this.meters.round_trip_ms };
      this.lookers.forEach((look) => look());
      if (this.kind !== "desk") this.endTry();
    }
  }

  /** Nobody calls this page: without a call it needs no connection. */
  private endTry(): void {
    keepToken(this.kind, null);
    this.toWorker({ type: "disconnect" });
  }

  private giveUp(after_ms: number | null): void {
    if (this.lossTimer !== null) clearTimeout(this.lossTimer);
    this.lossTimer = after_ms === null ? null : setTimeout(() => this.do({ type: "lost" }), after_ms);
  }

  private ring(on: boolean): void {
    if (!on) {
      this.audio.stopRing();
      this.notice?.close();
      this.notice = null;
      return;
    }
    void this.audio.startRing();
    void this.audio.make();           // ready to answer; where the browser waits for a click, that is shown
    const { name, number } = this.shown.phone;
    if (!document.hidden || typeof Notification === "undefined" || Notification.permission !== "granted") return;
    try {
      const body = name === "" ? "" : number;
      this.notice = new Notification(name || number, { body, tag: "hotline-call", requireInteraction: true });
      this.notice.onclick = () => focus();
    } catch {
      // telephones have no such notes: the ring is heard
    }
  }

  private heard(data: FromWorker): void {
    if (data.type === "network") {
      this.meters = { ...this.meters, round_trip_ms: data.round_trip_ms, skipped: data.skipped };
      this.lookers.forEach((look) => look());
    } else if (data.type === "link") this.linked(data.link);
    else this.do({ type: "said", said: data.said });
  }

  private linked(link: Extract<FromWorker, { type: "link" }>["link"]): void {
    if (this.shown.elsewhere && link.state === "off") return;
    if (link.refusal === "elsewhere") {
      // the lock stays ours: this browser's other tabs must not take the phone back from where it is now
      this.tell({ elsewhere: true });
    }
    this.do({ type: "link", link });
  }

  private measured(figures: Figures): void {
    if (!inCall(this.shown.phone)) return;
    this.meters = { ...this.meters, ...figures };
    this.lookers.forEach((look) => look());
  }

  private toWorker(said: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(said, transfer);
  }

  private tell(part: Partial<Shown> = {}): void {
    this.shown = { ...this.shown, ...part, audio: this.audio.state };
    this.hearers.forEach((hear) => hear());
  }
}

const phones = new Map<PhoneKind, PagePhone>();

/** The one phone of its kind in this page; it stays when the person goes from one area to another. */
export function phoneOf(kind: PhoneKind): PagePhone {
  const phone = phones.get(kind) ?? new PagePhone(kind);
  phones.set(kind, phone);
  return phone;
}
