/** The live stream of one browser: one tab holds it and tells the others, since a browser opens six connections to a
 * server at most, and a seventh tab with a stream of its own would get nothing at all any more. */

export type Connection = "idle" | "connecting" | "live" | "away";

interface Heard {
  /** What was said last of a topic, as JSON; `at` in milliseconds since 1970, by this machine's clock. */
  topic: string;
  text: string;
  at: number;
}
type Message = { heard: Heard } | { connection: Connection } | { asks: true };

export interface Listener {
  heard: (topic: string, value: unknown, at: number) => void;
  connection: (state: Connection) => void;
}

const NAME = "hotline.live";
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 10_000;

/** Hear the stream until the returned function is called. */
export function follow(topics: readonly string[], listener: Listener): () => void {
  const over = new AbortController();
  const channel = new BroadcastChannel(NAME);
  const hear = ({ topic, text, at }: Heard) => listener.heard(topic, JSON.parse(text), at - performance.timeOrigin);
  let leading: Leading | null = null;

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ("asks" in data) leading?.tellAll();
    else if (leading !== null) return;
    else if ("heard" in data) hear(data.heard);
    else listener.connection(data.connection);
  };
  const lead = () => new Promise<void>((done) => {
    leading = new Leading(topics, (message) => {
      channel.postMessage(message);
      if ("heard" in message) hear(message.heard);
      else if ("connection" in message) listener.connection(message.connection);
    });
    over.signal.addEventListener("abort", () => {
      leading?.close();
      done();
    });
  });
  channel.postMessage({ asks: true } satisfies Message);
  if (navigator.locks === undefined) void lead();      // no secure place: each tab has its own
  else navigator.locks.request(NAME, { signal: over.signal }, lead).catch(() => undefined);
  return () => {
    over.abort();
    channel.close();
  };
}

/** Holds the connection, and opens it again with growing pauses. */
class Leading {
  private readonly last = new Map<string, Heard>();
  private source: EventSource | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private wait = FIRST_WAIT_MS;
  private state: Connection = "connecting";

  constructor(private readonly topics: readonly string[], private readonly tell: (message: Message) => void) {
    this.open();
  }

  tellAll(): void {
    this.last.forEach((heard) => this.tell({ heard }));
    this.tell({ connection: this.state });
  }

  close(): void {
    clearTimeout(this.retry);
    this.source?.close();
  }

  private open(): void {
    const source = (this.source = new EventSource("/api/live"));
    source.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.is("live");
    };
    source.onerror = () => {
      source.close();
      this.last.clear();        // it may have been another person's
      this.is("away");
      this.retry = setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
    for (const topic of this.topics)
      source.addEventListener(topic, ({ data: text }: MessageEvent<string>) => {
        const heard = { topic, text, at: performance.timeOrigin + performance.now() };
        this.last.set(topic, heard);
        this.tell({ heard });
      });
  }

  private is(state: Connection): void {
    this.state = state;
    this.tell({ connection: state });
  }
}
