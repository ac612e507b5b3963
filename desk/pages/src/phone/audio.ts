/**
 * The page's microphone and loudspeaker: opened when a call begins, let go of when it ends, so that no lamp burns beside
 * the camera all day. Without a microphone people listen and press keys; without a sound card, or where the page is not
 * secure, they read.
 */

import workletUrl from "./worklet.ts?worker&url";
import { choices, keepChoices, type Choices } from "./kept";
import { playKey, ringBuffer } from "./tones";
import type { Figures, ToWorklet } from "./worklet";

export interface AudioState {
  /** insecure: neither localhost nor HTTPS, where browsers give pages no audio. */
  can: "yes" | "insecure" | "no";
  /** blocked: the browser waits for a click on the page. */
  sound: "off" | "on" | "blocked";
  microphone: "off" | "asking" | "on" | "refused" | "missing";
  chosen: Choices;
}

const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const GESTURES = ["pointerdown", "keydown"] as const;
type WithSink = AudioContext & { setSinkId?: (id: string) => Promise<void> };

export const canChooseOutput = typeof AudioContext !== "undefined" && "setSinkId" in AudioContext.prototype;

export class PageAudio {
  state: AudioState;
  private context: WithSink | null = null;
  private making: Promise<void> | null = null;
  private node: AudioWorkletNode | null = null;
  private gain: GainNode | null = null;
  private stream: MediaStream | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private ringContext: WithSink | null = null;
  private ring: AudioBufferSourceNode | null = null;
  private wanted = false;

  constructor(private readonly wire: (port: MessagePort) => void, private readonly figures: (figures: Figures) => void,
              private readonly changed: () => void) {
    const can = !window.isSecureContext ? "insecure" : typeof AudioWorkletNode === "undefined" ? "no" : "yes";
    this.state = { can, sound: "off", microphone: "off", chosen: choices() };
  }

  /** A call begins, at best within a click. Never fails: what is missing stands in `state`. */
  async open(): Promise<void> {
    this.wanted = true;
    if (this.state.can !== "yes") return;
    await this.make();
    if (!this.wanted) return;
    this.tell({ type: "active", active: true });
    await this.listen();
  }

  close(): void {
    this.wanted = false;
    this.tell({ type: "active", active: false });
    this.dropMicrophone();
    this.set({ microphone: "off" });
  }

  /** In a call whose microphone was refused, or was not there. */
  async listenAgain(): Promise<void> {
    if (this.wanted && this.state.can === "yes" && this.context !== null) await this.listen();
  }

  mute(muted: boolean): void {
    this.tell({ type: "muted", muted });
  }

  key(key: string): void {
    if (this.context !== null && this.gain !== null) playKey(this.context, this.gain, key);
  }

  /** Ready to make sounds without a call: in a click, so that calls can ring later. */
  async make(): Promise<void> {
    if (this.state.can !== "yes") return;
    this.making ??= this.makeNow();
    await this.making;
    if (this.context?.state === "suspended") await this.resume();
  }

  async choose(chosen: Partial<Choices>): Promise<void> {
    const before = this.state.chosen;
    this.set({ chosen: { ...before, ...chosen } });
    keepChoices(this.state.chosen);
    if (this.gain !== null) this.gain.gain.value = this.state.chosen.volume;
    if (chosen.output !== undefined && this.context !== null) await sendTo(this.context, chosen.output);
    if (chosen.ring !== undefined && this.ringContext !== null) await sendTo(this.ringContext, chosen.ring);
    if (chosen.input !== undefined && chosen.input !== before.input && this.wanted) await this.listen();
  }

  async startRing(): Promise<void> {
    if (this.state.can !== "yes" || this.ring !== null) return;
    this.ringContext ??= new AudioContext();
    await sendTo(this.ringContext, this.state.chosen.ring);
    void this.ringContext.resume();
    if (this.ring !== null) return;
    this.ring = new AudioBufferSourceNode(this.ringContext, { buffer: ringBuffer(this.ringContext), loop: true });
    this.ring.connect(this.ringContext.destination);
    this.ring.start();
  }

  stopRing(): void {
    this.ring?.stop();
    this.ring = null;
  }

  /** Speak for three seconds and hear yourself. `phase` is told what happens. */
  async test(phase: (phase: "speak" | "listen" | "done") => void): Promise<void> {
    await this.make();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: this.constraints() });
    try {
      phase("speak");
      const spoken = await recorded(stream, 3000);
      phase("listen");
      if (this.context !== null && this.gain !== null) await played(this.context, this.gain, spoken);
    } finally {
      stream.getTracks().forEach((track) => track.stop());
      phase("done");
    }
  }

  private async makeNow(): Promise<void> {
    const context: WithSink = new AudioContext({ latencyHint: "interactive" });
    this.context = context;
    context.onstatechange = () => this.set({ sound: context.state === "running" ? "on" : "blocked" });
    await sendTo(context, this.state.chosen.output);
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "hotline-line", { outputChannelCount: [1] });
    this.node = node;
    node.port.onmessage = ({ data }: MessageEvent<Figures>) => this.figures(data);
    const ends = new MessageChannel();
    this.tell({ type: "wire", wire: ends.port1 }, [ends.port1]);
    this.wire(ends.port2);
    this.gain = new GainNode(context, { gain: this.state.chosen.volume });
    node.connect(this.gain).connect(context.destination);
  }

  /** Browsers let no page sound that nobody has touched: until then it is told, and the first click starts it. */
  private async resume(): Promise<void> {
    const context = this.context!;
    const start = () => void Promise.all([context.resume(), this.ringContext?.resume()]);
    for (const gesture of GESTURES) addEventListener(gesture, start, { once: true, capture: true });
    void context.resume();
    await new Promise((go) => setTimeout(go, 100));
    this.set({ sound: context.state === "running" ? "on" : "blocked" });
  }

  private async listen(): Promise<void> {
    this.set({ microphone: "asking" });
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: this.constraints() });
      this.dropMicrophone();
      if (!this.wanted) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      this.source = new MediaStreamAudioSourceNode(this.context!, { mediaStream: stream });
      this.source.connect(this.node!);
      stream.getAudioTracks()[0]!.onended = () => this.set({ microphone: "missing" });
      this.set({ microphone: "on" });
    } catch (error) {
      if (this.wanted) this.set({ microphone: error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "missing" });
    }
  }

  private constraints(): MediaTrackConstraints {
    const { input } = this.state.chosen;
    return input === "" ? VOICE : { ...VOICE, deviceId: { ideal: input } };
  }

  private dropMicrophone(): void {
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => {
      track.onended = null;
      track.stop();
    });
    this.source = this.stream = null;
  }

  private tell(said: ToWorklet, transfer: Transferable[] = []): void {
    this.node?.port.postMessage(said, transfer);
  }

  private set(part: Partial<AudioState>): void {
    this.state = { ...this.state, ...part };
    this.changed();
  }
}

/** An output that is gone is no reason for silence: then the usual one is heard. */
async function sendTo(context: WithSink, output: string): Promise<void> {
  try {
    await context.setSinkId?.(output);
  } catch {
    await context.setSinkId?.("").catch(() => undefined);
  }
}

function recorded(stream: MediaStream, ms: number): Promise<Blob> {
  return new Promise((done, failed) => {
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onerror = () => failed(new Error("recorder"));
    recorder.onstop = () => done(new Blob(parts));
    recorder.start();
    setTimeout(() => recorder.stop(), ms);
  });
}

async function played(context: AudioContext, to: AudioNode, spoken: Blob): Promise<void> {
  const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(await spoken.arrayBuffer()) });
  source.connect(to);
  await new Promise((done) => {
    source.onended = done;
    source.start();
  });
}
