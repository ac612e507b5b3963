/** G.711 mu-law (ITU-T G.711): samples from -1 to 1, octets as they travel. */

const BIAS = 0x84;
const CLIP = 32635;
export const SILENCE = 0xff;

export function encode(sample: number): number {
  let value = Math.max(-CLIP, Math.min(CLIP, Math.round(sample * 32767)));
  const sign = value < 0 ? 0x80 : 0;
  value = Math.abs(value) + BIAS;
  const exponent = 24 - Math.clz32(value);
  return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** What each octet stands for. */
export const DECODED: Float32Array = Float32Array.from({ length: 256 }, (_, octet) => {
  const bits = ~octet & 0xff;
  const value = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return ((bits & 0x80) !== 0 ? -value : value) / 32768;
});
