/** Text of people, made harmless for a page that shows it as text: nothing here ever becomes HTML. */

import { harmless } from "../base/harmless";

const LINK = /https?:\/\/[^\s<>"'`{}|\\^]+/gi;

export interface Piece {
  text: string;
  /** Where it leads, if it is a link. */
  href: string;
}

/** What is sent: as it is shown, and never half of a character. */
export function outgoing(text: string, longest: number): string {
  const clean = harmless(text).trim();
  const cut = clean.slice(0, longest);
  return cut.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "");
}

/** The text in pieces, of which some lead to an address on the web; no other kind of address becomes a link. */
export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const found of text.matchAll(LINK)) {
    const word = withoutEnd(found[0]);
    const href = address(word);
    if (href === "") continue;
    if (found.index > done) pieces.push({ text: text.slice(done, found.index), href: "" });
    pieces.push({ text: word, href });
    done = found.index + word.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), href: "" });
  return pieces;
}

/** The full stop behind an address is the sentence's. */
function withoutEnd(word: string): string {
  let end = word.replace(/[.,;:!?…»”’]+$/u, "");
  if (end.endsWith(")") && !end.includes("(")) end = end.slice(0, -1);
  return end;
}

function address(word: string): string {
  try {
    const url = new URL(word);
    const plain = url.protocol === "https:" || url.protocol === "http:";
    return plain && url.username === "" && url.password === "" ? url.href : "";       // https://bank.example@elsewhere
  } catch {
    return "";
  }
}
