/** What strangers wrote, made harmless for a page that shows it as text: nothing here ever becomes HTML. */

// Controls but tab and line feed; marks that turn the direction of what follows; signs that take no room and hide in
// words (the joiners stay: Persian and emoji are spelled with them).
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]/g;
const MOST_MARKS = /(\p{M}{4})\p{M}+/gu;       // letters with towers of marks on them
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

export function harmless(text: string): string {
  return text.replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n").replace(HARMFUL, "").replace(MOST_MARKS, "$1").replace(/\n{4,}/g, "\n\n\n");
}

/** A name in one line. One that is written from the right is kept from turning the words around it, also where no
 * element can do that: titles, notes of the desktop, sentences. */
export function oneLine(text: string): string {
  const name = harmless(text).replace(/\s+/g, " ").trim();
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}
