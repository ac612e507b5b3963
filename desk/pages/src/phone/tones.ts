/** Sounds that the page makes itself: the ring, and the tones of keys as who presses them hears them (ITU-T Q.23). */

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const PAD = "123456789*0#";
const RING_EVERY = 2.8;          // s
const CHIME = [[587.33, 0], [739.99, 0.16], [880, 0.32], [739.99, 0.62], [880, 0.78]] as const;    // Hz, s

export function playKey(context: AudioContext, to: AudioNode, key: string): void {
  const at = PAD.indexOf(key);
  if (at < 0) return;
  const gain = new GainNode(context, { gain: 0 });
  const now = context.currentTime;
  gain.gain.setTargetAtTime(0.06, now, 0.004);
  gain.gain.setTargetAtTime(0, now + 0.11, 0.01);
  gain.connect(to);
  for (const frequency of [ROWS[Math.floor(at / 3)]!, COLUMNS[at % 3]!]) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(gain);
    tone.start(now);
    tone.stop(now + 0.2);
  }
}

/** One round of the ring, to be looped: timers of a page in the background come late, a buffer does not. */
export function ringBuffer(context: BaseAudioContext): AudioBuffer {
  const buffer = context.createBuffer(1, Math.round(context.sampleRate * RING_EVERY), context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (const [hz, from] of CHIME) {
    const start = Math.round(from * context.sampleRate);
    for (let n = 0; n < context.sampleRate * 1.2; n++) {
      const t = n / context.sampleRate;
      const turn = 2 * Math.PI * hz * t;
      const bell = Math.sin(turn) + 0.35 * Math.sin(2 * turn) * Math.exp(-6 * t) + 0.12 * Math.sin(3.01 * turn) * Math.exp(-9 * t);
      samples[start + n]! += 0.16 * bell * Math.exp(-4.5 * t) * Math.min(1, t / 0.006);
    }
  }
  return buffer;
}
