/**
 * Several tabs of one person: one of them has the phone. The browser's own lock says which; when that tab is closed the
 * next one has it at once, and any other can take it away. Where the browser has no locks the server decides (4009).
 */

const LOCK = "hotline.phone";
export const AT_ONCE = 300;       // ms: a lock that took longer was another tab's

/** How this tab stands: it has the phone since no other one had it, since it took it, or since the one that had it is
 * gone; or another one has taken it away. */
export type Now = "first" | "took" | "left" | "lost";

export class Holder {
  private release: (() => void) | null = null;
  private waiting: AbortController | null = null;

  constructor(private readonly changed: (now: Now) => void) {}

  /** Whether this tab has the phone. */
  get mine(): boolean {
    return this.release !== null;
  }

  /** Have the phone as soon as no other tab has it; `take`: now. */
  hold(take = false): void {
    if (this.release !== null || (this.waiting !== null && !take)) return;
    if (navigator.locks === undefined) {
      this.release = () => undefined;
      this.changed(take ? "took" : "first");
      return;
    }
    this.waiting?.abort();
    const waiting = (this.waiting = new AbortController());
    let how: Now = take ? "took" : "first";
    if (!take) setTimeout(() => { how = "left"; }, AT_ONCE);
    const options: LockOptions = take ? { steal: true } : { signal: waiting.signal };
    navigator.locks.request(LOCK, options, () => this.held(waiting, how)).catch(() => this.lost(waiting));
  }

  /** Give the phone up; somebody else may have it. */
  letGo(): void {
    this.waiting?.abort();
    this.waiting = null;
    this.release?.();
    this.release = null;
  }

  private held(waiting: AbortController, how: Now): Promise<void> {
    if (waiting.signal.aborted) return Promise.resolve();
    return new Promise((release) => {
      this.release = release;
      this.changed(how);
    });
  }

  private lost(waiting: AbortController): void {
    if (waiting !== this.waiting || waiting.signal.aborted) return;
    this.release = null;
    this.waiting = null;
    this.changed("lost");
    this.hold();                      // when the other tab is closed, this one has it again
  }
}
