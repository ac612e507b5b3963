import { describe, expect, it } from "vitest";
import { LINE_RATE, Resampler, toEar, toLine } from "./resampling";
import { DECODED, encode } from "./ulaw";

function tone(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rate));
}

function through(resampler: Resampler, samples: Float32Array): Float32Array {
  const out: number[] = [];
  for (const sample of samples) resampler.push(sample, (value) => out.push(value));
  return Float32Array.from(out);
}

/** Level of one frequency in dB, 0 for a full sine; the edges, where the filter fills, are left out. */
function level(samples: Float32Array, hz: number, rate: number): number {
  let re = 0, im = 0, weight = 0;
  const from = Math.round(samples.length * 0.1), to = Math.round(samples.length * 0.9);
  for (let n = from; n < to; n++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n - from)) / (to - from));
    re += samples[n]! * window * Math.cos((2 * Math.PI * hz * n) / rate);
    im += samples[n]! * window * Math.sin((2 * Math.PI * hz * n) / rate);
    weight += window / 2;
  }
  return 20 * Math.log10(Math.hypot(re, im) / weight + 1e-12);
}

const CARDS = [44_100, 48_000, 96_000, 22_050];

describe.each(CARDS)("a sound card at %i Hz", (rate) => {
  it.each([300, 1000, 2000, 3000, 3400])("carries %i Hz to the line and back unchanged", (hz) => {
    const line = through(toLine(rate), tone(hz, rate, 0.5));
    expect(Math.abs(level(line, hz, LINE_RATE))).toBeLessThan(0.3);
    expect(Math.abs(level(through(toEar(rate), line), hz, rate))).toBeLessThan(0.5);
  });

  it.each([4200, 5000, 7000, 9000])("lets no %i Hz come back as another tone", (hz) => {
    if (hz > rate / 2) return;
    const line = through(toLine(rate), tone(hz, rate, 0.5));
    const folded = Math.abs(hz - Math.round(hz / LINE_RATE) * LINE_RATE);
    expect(level(line, folded, LINE_RATE)).toBeLessThan(-60);
  });

  it.each([1000, 2500, 3400])("makes no image of %i Hz above the band", (hz) => {
    const ear = through(toEar(rate), tone(hz, LINE_RATE, 0.5));
    for (const image of [LINE_RATE - hz, LINE_RATE + hz, 2 * LINE_RATE - hz].filter((one) => one < rate / 2))
      expect(level(ear, image, rate)).toBeLessThan(-60);
  });

  it("gives as many samples as the rates say", () => {
    expect(through(toLine(rate), new Float32Array(rate)).length).toBe(LINE_RATE);
    const heard = through(toEar(rate), new Float32Array(LINE_RATE)).length;
    expect(Math.abs(heard - rate)).toBeLessThanOrEqual(rate / LINE_RATE + 1);
  });
});

describe("mu-law", () => {
  it("gives every octet back, but that zero has two", () => {
    for (let octet = 0; octet < 256; octet++) expect(encode(DECODED[octet]!)).toBe(octet === 0x7f ? 0xff : octet);
  });

  it("is as exact as a telephone is, at any level, and stops at the loudest", () => {
    for (const loud of [1, 0.3, 0.03, 0.003]) {
      let noise = 0, power = 0;
      for (const sample of tone(440, LINE_RATE, 0.2)) {
        noise += (sample * loud - DECODED[encode(sample * loud)]!) ** 2;
        power += (sample * loud) ** 2;
      }
      expect(10 * Math.log10(power / noise)).toBeGreaterThan(loud < 0.01 ? 25 : 35);
    }
    expect(encode(5)).toBe(encode(1));
    expect(encode(-5)).toBe(encode(-1));
  });
});
