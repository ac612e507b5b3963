const HEADER = 44;      // octets

/** What a browser recorded, as 16-bit WAV with one channel at its own rate. Throws where it can't be decoded. */
export async function asWav(recorded: Blob): Promise<Blob> {
  const context = new AudioContext();
  try {
    const sound = await context.decodeAudioData(await recorded.arrayBuffer());
    return wav(mixed(sound), sound.sampleRate);
  } finally {
    await context.close();
  }
}

function mixed(sound: AudioBuffer): Float32Array {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, at) => sound.getChannelData(at));
  return channels[0]!.map((_, at) => channels.reduce((sum, samples) => sum + samples[at]!, 0) / channels.length);
}

export function wav(samples: Float32Array, rate: number): Blob {
  const view = new DataView(new ArrayBuffer(HEADER + 2 * samples.length));
  const put = (at: number, text: string) => [...text].forEach((sign, index) => view.setUint8(at + index, sign.charCodeAt(0)));
  put(0, "RIFF");
  view.setUint32(4, HEADER - 8 + 2 * samples.length, true);
  put(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  put(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, at) => view.setInt16(HEADER + 2 * at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  return new Blob([view], { type: "audio/wav" });
}
