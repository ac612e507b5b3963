/**
 * What came from the line until it is heard: deep enough for what the network does, no deeper.
 *
 * It begins when 60 ms are there; each time it ran dry while the stream went on it waits for 40 ms more, up to 240 ms. When
 * 40 ms of it were not needed for three seconds it comes back by 20 ms. Depth is corrected in silence alone: there a frame
 * is left out, or one is put in, and nobody hears it. So the clocks of the server and of the sound card may differ, too.
 */

export const FRAME = 160;                 // samples: 20 ms
export const FIRST = 3 * FRAME;
export const GROW = 2 * FRAME;
export const DEEPEST = 12 * FRAME;
const ROOM = DEEPEST + 8 * FRAME;         // more than this at one time is cut down to the wanted depth
const QUIET = 0.006;                      // root mean square of a frame without speech: -44 dB
const STREAM_ENDS = 25;                   // frames of nothing: the other side is silent, and not late
const LOOK = 150;                         // frames through which the least depth is looked at: 3 s
const SLACK = 2 * FRAME;                  // what may lie there all that time before it is too much

export class Playout {
  private readonly ring = new Float32Array(1 << 14);
  private readonly mask = (1 << 14) - 1;
  private read = 0;
  private written = 0;
  private playing = false;
  private dry = Infinity;                 // samples since it ran dry
  private looked = 0;                     // frames since the last look, and the least that lay there when one came
  private least = Infinity;
  wanted = FIRST;
  /** How often it ran dry, what was left out or put in in silence, what was cut because too much came (frames). */
  underruns = 0;
  dropped = 0;
  inserted = 0;
  cut = 0;
  received = 0;

  /** Samples that wait. */
  get depth(): number {
    return this.written - this.read;
  }

  /** A frame from the line, of any length up to 60 ms. */
  push(frame: Float32Array): void {
    this.received += 1;
    if (!this.playing && this.dry < STREAM_ENDS * FRAME) {
      this.dry = Infinity;                // it was late, and not the end
      this.underruns += 1;
      this.looked = 0;
      this.wanted = Math.min(this.wanted + GROW, DEEPEST);
    }
    this.look();
    const quiet = rms(frame) < QUIET;
    if (quiet && this.playing && this.depth > this.wanted) this.dropped += 1;
    else this.write(frame);
    if (quiet && this.playing && this.depth < this.wanted - FRAME) {
      this.inserted += 1;
      this.write(frame);
    }
    if (this.depth > ROOM) {
      this.cut += Math.floor((this.depth - this.wanted) / FRAME);
      this.read = this.written - this.wanted;
    }
  }

  /** The next sample to be heard. */
  next(): number {
    if (!this.playing) {
      if (this.depth < this.wanted) {
        this.dry += 1;
        return 0;
      }
      this.playing = true;
    }
    if (this.depth === 0) {
      this.playing = false;
      this.dry = 1;
      return 0;
    }
    return this.ring[this.read++ & this.mask]!;
  }

  /** A new call: nothing of the last one is heard. */
  clear(): void {
    this.read = this.written;
    this.playing = false;
    this.dry = Infinity;
    this.wanted = FIRST;
    this.underruns = this.dropped = this.inserted = this.cut = this.received = this.looked = 0;
  }

  private look(): void {
    if (!this.playing) return;
    this.least = this.looked === 0 ? this.depth : Math.min(this.least, this.depth);
    this.looked += 1;
    if (this.looked < LOOK) return;
    this.looked = 0;
    if (this.least >= SLACK && this.wanted > FIRST) this.wanted -= FRAME;
  }

  private write(frame: Float32Array): void {
    for (const sample of frame) this.ring[this.written++ & this.mask] = sample;
  }
}

export function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
