import { useEffect } from "react";
import { ringBuffer } from "../../phone/tones";

let kept: AudioContext | null = null;

/** A page that nobody has touched yet may make no sound, and would be told so in its console. */
async function context(): Promise<AudioContext | null> {
  if (typeof AudioContext === "undefined" || navigator.userActivation?.hasBeenActive === false) return null;
  kept ??= new AudioContext();
  if (kept.state !== "running") await kept.resume();
  return kept;
}

/** The ring of an offered chat, for as long as it is offered. */
export function useChime(call: string | undefined): void {
  useEffect(() => {
    if (call === undefined) return;
    let source: AudioBufferSourceNode | null = null;
    let over = false;
    void context().then((here) => {
      if (here === null || over) return;
      source = new AudioBufferSourceNode(here, { buffer: ringBuffer(here), loop: true });
      source.connect(here.destination);
      source.start();
    }, () => undefined);
    return () => {
      over = true;
      source?.stop();
    };
  }, [call]);
}

/** Two short tones: somebody has written while nobody looked. */
export function ding(): void {
  void context().then((here) => {
    if (here === null) return;
    const gain = new GainNode(here, { gain: 0 });
    gain.connect(here.destination);
    for (const [hz, after] of [[880, 0], [1174.66, 0.12]] as const) {
      const at = here.currentTime + after;
      const tone = new OscillatorNode(here, { frequency: hz });
      gain.gain.setTargetAtTime(0.08, at, 0.005);
      gain.gain.setTargetAtTime(0, at + 0.09, 0.03);
      tone.connect(gain);
      tone.start(at);
      tone.stop(at + 0.3);
    }
  }, () => undefined);
}
