import { ApiError } from "../base/api";
import { sendFile, type SaidFile, type Sending } from "../base/files";

const VISITOR = "X-Hotline-Visitor";

/** The files of this page: one is sent at a time; what is fetched is kept as an address of this page's own, since only
 * who has the token gets it, and a token stands in no address. */
export class Uploads {
  private readonly files = new Map<string, File>();
  private readonly sending = new Map<string, Sending>();
  private readonly stopped = new Set<string>();
  private readonly fetched = new Map<string, Promise<string>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly token: () => string) {}

  add(key: string, file: File): void {
    this.files.set(key, file);
  }

  /** Fails with ApiError; `lost` where this page has not got the file any more. */
  send(key: string, onPart: (part: number) => void): Promise<SaidFile> {
    this.stopped.delete(key);
    const mine = this.last.then(() => this.sendNow(key, onPart));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  /** Nobody wants it any more. */
  stop(key: string): void {
    this.stopped.add(key);
    this.files.delete(key);
    this.sending.get(key)?.stop();
  }

  /** Where this page has the file of a message. Fails where it can't be had. */
  address(said: SaidFile): Promise<string> {
    const known = this.fetched.get(said.file) ?? this.fetch(said);
    this.fetched.set(said.file, known);
    known.catch(() => this.fetched.delete(said.file));
    return known;
  }

  forget(): void {
    for (const key of [...this.files.keys()]) this.stop(key);
    for (const one of this.fetched.values()) void one.then((address) => URL.revokeObjectURL(address), () => undefined);
    this.fetched.clear();
  }

  private async sendNow(key: string, onPart: (part: number) => void): Promise<SaidFile> {
    const file = this.files.get(key);
    if (file === undefined || this.stopped.has(key)) throw new ApiError(0, "lost", "");
    const sending = sendFile("/api/chat/files", file, { [VISITOR]: this.token() }, onPart);
    this.sending.set(key, sending);
    try {
      const said = await sending.done;
      this.files.delete(key);
      // the type is what the server has found it to be, never what its sender called it
      this.fetched.set(said.file, Promise.resolve(URL.createObjectURL(new Blob([file], { type: said.type }))));
      return said;
    } finally {
      this.sending.delete(key);
    }
  }

  private async fetch(said: SaidFile): Promise<string> {
    const answer = await fetch(`/api/chat/files/${said.file}`, { headers: { [VISITOR]: this.token() }, credentials: "same-origin" });
    if (!answer.ok) throw new ApiError(answer.status, "no_file", "");
    return URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type: said.type }));
  }
}

/** Have the browser save it. */
export function save(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
