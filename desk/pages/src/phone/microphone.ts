import type { AudioState } from "./audio";

/** What can be done about the microphone in a call: be muted, be asked for again, or nothing, where a page has no sound. */
export type Microphone = "works" | "refused" | "missing" | "none";

export function microphoneOf({ can, microphone }: Pick<AudioState, "can" | "microphone">): Microphone {
  if (can !== "yes") return "none";
  return microphone === "refused" || microphone === "missing" ? microphone : "works";
}
