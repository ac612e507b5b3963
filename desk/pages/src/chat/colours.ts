/** The colour that a house gives its chat: "#1558c0"; "" for anything else. */
export function asColour(given: string | null): string {
  return given !== null && /^#[0-9a-f]{6}$/i.test(given) ? given.toLowerCase() : "";
}

/** Black or white, whichever can be read on it: one of the two has a contrast of 4.58 or more on any colour. */
export function readableOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255)) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
