import { api, ApiError } from "../../base/api";
import { sendFile, sizeIn, type Sending } from "../../base/files";
import { advanced, dropped, failed, lastOf, late, NOTHING, refused, sent, withTexts, type Outgoing, type Refusals, type Talk, type Text } from "./talk";

const PAGE = 200;
const AGAIN_MS = 300, MOST_AGAIN_MS = 3000, LOOK_MS = 15_000, TYPING_EVERY_MS = 3000;

/** The transcripts of the chats on this desk: asked for, brought up to what the server says is there, and written to.
 * A message is told as soon as it is safe, which may be a moment before the record has it: then it is asked for again. */
export class Talks {
  private readonly talks = new Map<string, Talk>();
  private readonly told = new Map<string, number>();
  private readonly looking = new Set<string>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly hearers = new Set<() => void>();
  private readonly typed = new Map<string, number>();
  private readonly files = new Map<string, File>();        // of what is on its way
  private readonly sending = new Map<string, Sending>();
  private most: number | undefined;
  private wanted: ReadonlySet<string> = new Set();
  private version = 0;
  private lastRefused = -1;

  readonly subscribe = (hear: () => void): (() => void) => {
    this.hearers.add(hear);
    return () => this.hearers.delete(hear);
  };
  readonly now = (): number => this.version;

  of(call: string): Talk {
    return this.talks.get(call) ?? NOTHING;
  }

  /** These chats are on the desk. Those that are not any more stay as they were, for whoever reads them. */
  want(calls: readonly string[]): void {
    const before = this.wanted;
    this.wanted = new Set(calls);
    for (const call of calls) if (!before.has(call)) void this.look(call);
  }

  /** The server says up to where there is something. */
  news(positions: Readonly<Record<string, number>>): void {
    for (const [call, position] of Object.entries(positions)) {
      this.told.set(call, position);
      if (this.wanted.has(call) && position > lastOf(this.of(call))) void this.look(call);
    }
  }

  /** The server says what it did not take: at once, for else nothing would be heard of it for long. */
  refusals(all: Refusals): void {
    for (const [call, talk] of this.talks) {
      const after = refused(talk, all, this.lastRefused);
      if (after !== talk) this.put(call, after);
    }
    this.lastRefused = Math.max(this.lastRefused, ...Object.values(all).map(({ number }) => number));
  }

  /** Every chat anew: something may have been missed. */
  lookAtAll(): void {
    for (const call of this.wanted) void this.look(call);
  }

  /** All of it is on the screen. */
  seen(call: string): void {
    const talk = this.of(call);
    if (talk.seen !== null && talk.seen < lastOf(talk)) this.put(call, { ...talk, seen: lastOf(talk) });
  }

  /** A file is sent first, and said when the server has it. `file` is left out where it is sent again. */
  async sendFile(call: string, one: Pick<Outgoing, "key" | "private" | "file">, file = this.files.get(one.key)): Promise<void> {
    if (file === undefined) return;
    const { key } = one;
    this.files.set(key, file);
    const mine = { id: "", name: file.name, bytes: file.size, part: 0, ...one.file };
    this.put(call, sent(this.of(call), { key, private: one.private, body: "", file: mine }, performance.now()));
    try {
      if (mine.id === "") {
        await this.checkSize(file);
        const sending = sendFile(`/api/chats/${call}/files${one.private ? "?private=true" : ""}`, file, {}, (part) => this.put(call, advanced(this.of(call), key, { part }, performance.now())));
        this.sending.set(key, sending);
        mine.id = (await sending.done).file;
        this.put(call, advanced(this.of(call), key, { part: 1, id: mine.id }, performance.now()));
      }
      await api.post(`/api/chats/${call}/messages`, { key, file: mine.id, private: one.private });
      await this.look(call);
    } catch (error) {
      this.put(call, failed(this.of(call), key, error));
    } finally {
      this.sending.delete(key);
    }
  }

  /** Before all of it is on its way: a server that has heard enough hangs up, and is not heard out. */
  private async checkSize(file: File): Promise<void> {
    this.most ??= (await api.get<{ file_bytes: number }>("/api/desk/chats")).file_bytes;
    if (this.most === 0) throw new ApiError(409, "no_files", "No files are taken here.");
    if (file.size > this.most) throw new ApiError(413, "too_large", `The file is larger than ${sizeIn("en", this.most)}.`);
  }

  async send(call: string, one: Pick<Outgoing, "key" | "body" | "private">): Promise<void> {
    this.put(call, sent(this.of(call), one, performance.now()));
    try {
      await api.post(`/api/chats/${call}/messages`, { key: one.key, body: one.body, private: one.private });
      await this.look(call);
    } catch (error) {
      this.put(call, failed(this.of(call), one.key, error));
    }
  }

  drop(call: string, key: string): void {
    this.files.delete(key);
    this.put(call, dropped(this.of(call), key));
    this.sending.get(key)?.stop();
  }

  /** I am writing: said now and then. */
  typing(call: string): void {
    const now = performance.now();
    if (now - (this.typed.get(call) ?? -Infinity) < TYPING_EVERY_MS) return;
    this.typed.set(call, now);
    void api.post(`/api/chats/${call}/typing`).catch(() => undefined);      // the next key says it again
  }

  close(): void {
    this.wanted = new Set();
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }

  private async look(call: string, again = AGAIN_MS): Promise<void> {
    if (this.looking.has(call)) return;
    this.looking.add(call);
    clearTimeout(this.timers.get(call));
    let wait = LOOK_MS;
    try {
      for (let more = true; more;) {
        const { items } = await api.get<{ items: Text[] }>(`/api/chats/${call}/messages`, { after: lastOf(this.of(call)) });
        const talk = withTexts(this.of(call), items);
        for (const { key } of items) this.files.delete(key);
        this.put(call, talk.seen === null ? { ...talk, seen: items.length < PAGE ? lastOf(talk) : null } : talk);
        more = items.length === PAGE;
      }
      const talk = this.of(call);
      for (const one of late(talk, performance.now())) this.put(call, failed(this.of(call), one.key, null));
      if (lastOf(talk) < (this.told.get(call) ?? -1) || talk.outgoing.some(({ state }) => state === "sending")) wait = again;
    } catch (error) {
      // of a chat that has just begun the record knows nothing yet, and a server that is away comes back
      if (!(error instanceof ApiError)) throw error;
      wait = again;
    } finally {
      this.looking.delete(call);
    }
    if (this.wanted.has(call)) this.timers.set(call, setTimeout(() => void this.look(call, Math.min(again * 1.5, MOST_AGAIN_MS)), wait));
  }

  private put(call: string, talk: Talk): void {
    this.talks.set(call, talk);
    this.version += 1;
    this.hearers.forEach((hear) => hear());
  }
}
