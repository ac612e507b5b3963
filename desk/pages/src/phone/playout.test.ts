import { describe, expect, it } from "vitest";
import { DEEPEST, FIRST, FRAME, GROW, Playout } from "./playout";

const SPEECH = Float32Array.from({ length: FRAME }, (_, n) => 0.3 * Math.sin(n));
const SILENCE = new Float32Array(FRAME);

function hear(playout: Playout, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, () => playout.next());
}

/** A stream of `frames`, one each 20 ms, heard by a card whose clock runs `faster` than the server's. */
function stream(playout: Playout, frames: number, frame: Float32Array, faster = 1): void {
  let owed = 0;
  for (let n = 0; n < frames; n++) {
    playout.push(frame);
    owed += FRAME * faster;
    hear(playout, Math.floor(owed));
    owed -= Math.floor(owed);
  }
}

describe("what came until it is heard", () => {
  it("begins with 60 ms, and nothing is lost", () => {
    const playout = new Playout();
    playout.push(SPEECH);
    playout.push(SPEECH);
    expect(hear(playout, 40).every((sample) => sample === 0)).toBe(true);
    playout.push(SPEECH);
    expect([...hear(playout, FRAME)]).toEqual([...SPEECH]);
    expect(playout.depth).toBe(2 * FRAME);
  });

  it("waits for 40 ms more after it ran dry, up to 240 ms", () => {
    const playout = new Playout();
    for (let gap = 1; gap < 10; gap++) {
      while (playout.depth < playout.wanted) playout.push(SPEECH);
      hear(playout, playout.depth + 100);
      playout.push(SPEECH);
      expect(playout.underruns).toBe(gap);
      expect(playout.wanted).toBe(Math.min(FIRST + gap * GROW, DEEPEST));
    }
  });

  it("takes a stream that ended and came back for no fault", () => {
    const playout = new Playout();
    stream(playout, 10, SPEECH);
    hear(playout, 8000 * 3);
    stream(playout, 10, SPEECH);
    expect(playout.underruns).toBe(0);
    expect(playout.wanted).toBe(FIRST);
  });

  it("comes back to 60 ms when all is well", () => {
    const playout = new Playout();
    stream(playout, 5, SPEECH);
    hear(playout, playout.depth + 100);
    stream(playout, 20, SPEECH);
    expect(playout.wanted).toBe(FIRST + GROW);
    stream(playout, 1000, SILENCE);
    expect(playout.wanted).toBe(FIRST);
    expect(playout.depth).toBeLessThanOrEqual(FIRST);
  });

  it("stays as deep as the network needs", () => {
    const playout = new Playout();
    const late = 5;                        // frames that come at once, after so long a gap, every half a second
    for (let n = 0; n < 200; n++) {
      stream(playout, 20, SPEECH);
      hear(playout, late * FRAME);
      for (let burst = 0; burst < late; burst++) playout.push(SPEECH);
    }
    expect(playout.underruns).toBeLessThan(8);
    expect(playout.wanted).toBeGreaterThanOrEqual(late * FRAME);
  });

  it.each([0.9995, 1.0005])("follows a clock that runs %f times ours, in silence alone", (faster) => {
    const playout = new Playout();
    stream(playout, 20, SPEECH, faster);
    for (let talk = 0; talk < 100; talk++) {
      const before = playout.dropped + playout.inserted;
      stream(playout, 100, SPEECH, faster);
      expect(playout.dropped + playout.inserted).toBe(before);
      stream(playout, 20, SILENCE, faster);
    }
    expect(playout.underruns).toBe(0);
    expect(playout.dropped + playout.inserted).toBeGreaterThan(0);
    expect(playout.cut).toBe(0);
  });

  it("cuts what comes all at once after the network stood still", () => {
    const playout = new Playout();
    stream(playout, 10, SPEECH);
    for (let n = 0; n < 100; n++) playout.push(SPEECH);
    expect(playout.depth).toBeLessThanOrEqual(DEEPEST + 8 * FRAME);
    expect(playout.cut).toBeGreaterThan(0);
  });

  it("forgets the last call", () => {
    const playout = new Playout();
    stream(playout, 5, SPEECH);
    playout.clear();
    expect(playout.depth).toBe(0);
    expect(hear(playout, 500).every((sample) => sample === 0)).toBe(true);
  });
});
