/**
 * From the sound card's rate to the telephone's 8 kHz and back: windowed sincs in polyphase form.
 *
 * The card may run at any rate (48,000, 44,100 …), so a position between two samples takes the nearest of up to MOST
 * phases; where the rates have a small ratio, as 48 to 8, that is exact.
 */

const MOST = 2048;
const DEEP = 70;        // dB: what is beyond the telephone's band is heard no louder than this below

/** Zeroth modified Bessel function of the first kind. */
function bessel(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Filters for each phase: `taps` weights at steps of 1/`rate`, low-pass at `cut` Hz, `width` Hz from pass to stop. */
function bank(rate: number, cut: number, width: number, phases: number): { taps: number; weights: Float32Array } {
  const taps = 2 * Math.ceil((DEEP - 8) / (2.285 * 2 * Math.PI * (width / rate)) / 2);
  const beta = 0.1102 * (DEEP - 8.7);       // Kaiser's formulas
  const weights = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - taps / 2 + 1 - phase / phases;
      const edge = (2 * x) / taps;
      const window = Math.abs(edge) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - edge * edge)) / bessel(beta);
      const turn = (2 * Math.PI * cut * x) / rate;
      const weight = (x === 0 ? 1 : Math.sin(turn) / turn) * window;
      weights[phase * taps + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < taps; tap++) weights[phase * taps + tap]! /= sum;
  }
  return { taps, weights };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** A stream of samples at another rate. `low` is the smaller of both; what it can't carry is filtered out. */
export class Resampler {
  private readonly phases: number;
  private readonly taps: number;
  private readonly weights: Float32Array;
  private readonly history: Float32Array;
  private at = 0;                 // where the next sample goes in `history`, which is kept twice
  private due = 0;                // position of the next output, in samples of `from` behind the newest one

  constructor(private readonly from: number, private readonly to: number, cut: number, width: number) {
    this.phases = Math.min(MOST, Math.max(1, Math.round(to / divisor(Math.round(from), Math.round(to)))));
    const { taps, weights } = bank(from, cut, width, this.phases);
    this.taps = taps;
    this.weights = weights;
    this.history = new Float32Array(2 * taps);
  }

  /** Take one sample; each one that is due is given to `out`, as many as the rates' ratio. */
  push(sample: number, out: (sample: number) => void): void {
    this.history[this.at] = this.history[this.at + this.taps] = sample;
    this.at = this.at + 1 === this.taps ? 0 : this.at + 1;
    while (this.due < 1) {
      out(this.sum(Math.floor(this.due * this.phases + 0.5)));
      this.due += this.from / this.to;
    }
    this.due -= 1;
  }

  private sum(phase: number): number {
    const shifted = phase === this.phases;                 // the next sample's first phase
    const weights = shifted ? 0 : phase * this.taps;
    let sum = 0;
    const last = shifted ? this.taps - 1 : this.taps;
    const first = this.at + (shifted ? 1 : 0);
    for (let tap = 0; tap < last; tap++) sum += this.history[first + tap]! * this.weights[weights + tap]!;
    return sum;
  }
}

export const LINE_RATE = 8000;

/** Microphone to line: 3,400 Hz pass, 4,000 Hz and more do not come back as whistles. */
export const toLine = (rate: number) => new Resampler(rate, LINE_RATE, 3700, 600);

/** Line to ear: the images above 4,500 Hz are gone. */
export const toEar = (rate: number) => new Resampler(LINE_RATE, rate, 4000, 1000);
