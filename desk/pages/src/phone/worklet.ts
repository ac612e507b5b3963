/**
 * The page's end of the line, on the audio thread: microphone at the card's rate to frames of 160 octets of mu-law, and
 * back. While no call wants it, nothing is sent. Ten times a second it says how loud both sides are.
 */

import { FRAME, Playout, rms } from "./playout";
import { toEar, toLine } from "./resampling";
import { DECODED, SILENCE, encode } from "./ulaw";

/** From the page. `wire` is the port of the worker that has the socket. */
export type ToWorklet =
  | { type: "wire"; wire: MessagePort }
  | { type: "active"; active: boolean }
  | { type: "muted"; muted: boolean };

/** Levels are root mean squares from 0 to 1, since the last time; `depth_ms` is how much waits to be heard. */
export interface Figures {
  microphone: number;
  ear: number;
  depth_ms: number;
  underruns: number;
  frames: number;
}

declare const sampleRate: number;
declare const currentTime: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

const TELL_EVERY = 0.1;         // s

class Line extends AudioWorkletProcessor {
  private wire: MessagePort | null = null;
  private active = false;
  private muted = false;
  private readonly down = toLine(sampleRate);
  private readonly up = toEar(sampleRate);
  private readonly playout = new Playout();
  private frame = new Uint8Array(FRAME);
  private filled = 0;
  private readonly ear = new Float32Array(4096);
  private made = 0;               // samples in `ear` that are not heard yet
  private toldAt = 0;
  private readonly power = { microphone: 0, ear: 0, blocks: 0 };

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => {
      if (data.type === "wire") this.take(data.wire);
      else if (data.type === "muted") this.muted = data.muted;
      else if (data.active !== this.active) {
        this.active = data.active;
        this.playout.clear();
      }
    };
  }

  private take(wire: MessagePort): void {
    this.wire = wire;
    wire.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.active && data instanceof ArrayBuffer && data.byteLength <= 3 * FRAME)
        this.playout.push(Float32Array.from(new Uint8Array(data), (octet) => DECODED[octet]!));
    };
  }

  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const heard = outputs[0]?.[0];
    const spoken = inputs[0]?.[0];
    const length = heard?.length ?? 128;
    for (let n = 0; n < length; n++) this.down.push(spoken?.[n] ?? 0, this.say);
    if (heard !== undefined) {
      while (this.made < length) this.up.push(this.active ? this.playout.next() : 0, this.sound);
      heard.set(this.ear.subarray(0, length));
      this.ear.copyWithin(0, length, this.made);
      this.made -= length;
    }
    this.measure(spoken, heard);
    return true;
  }

  private readonly say = (sample: number): void => {
    this.frame[this.filled++] = this.muted ? SILENCE : encode(sample);
    if (this.filled < FRAME) return;
    this.filled = 0;
    if (!this.active) return;
    this.wire?.postMessage(this.frame.buffer, [this.frame.buffer]);
    this.frame = new Uint8Array(FRAME);
  };

  private readonly sound = (sample: number): void => {
    this.ear[this.made++] = sample;
  };

  private measure(spoken: Float32Array | undefined, heard: Float32Array | undefined): void {
    if (spoken !== undefined && !this.muted) this.power.microphone += rms(spoken) ** 2;
    if (heard !== undefined) this.power.ear += rms(heard) ** 2;
    this.power.blocks += 1;
    if (currentTime - this.toldAt < TELL_EVERY) return;
    this.toldAt = currentTime;
    const { microphone, ear, blocks } = this.power;
    const figures: Figures = {
      microphone: Math.sqrt(microphone / blocks), ear: Math.sqrt(ear / blocks),
      depth_ms: Math.round(this.playout.depth / 8), underruns: this.playout.underruns, frames: this.playout.received,
    };
    this.port.postMessage(figures);
    this.power.microphone = this.power.ear = this.power.blocks = 0;
  }
}

registerProcessor("hotline-line", Line);
