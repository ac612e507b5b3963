import { describe, expect, it } from "vitest";
import { microphoneOf } from "./microphone";

describe("the microphone", () => {
  it("can be muted while it works, or is being asked for", () => {
    for (const microphone of ["on", "asking", "off"] as const) expect(microphoneOf({ can: "yes", microphone })).toBe("works");
  });
  it("that was refused, or is not there, can't be muted", () => {
    expect(microphoneOf({ can: "yes", microphone: "refused" })).toBe("refused");
    expect(microphoneOf({ can: "yes", microphone: "missing" })).toBe("missing");
  });
  it("is none where browsers give the page no sound", () => {
    expect(microphoneOf({ can: "insecure", microphone: "off" })).toBe("none");
    expect(microphoneOf({ can: "no", microphone: "off" })).toBe("none");
  });
});
