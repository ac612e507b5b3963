import type { Card, Graph } from "./types";

/** The part of a path that tells files of one house apart. */
export function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

/** The card in whose lines the cursor stands. */
export function cardAt(graph: Graph | null, file: string, line: number): Card | null {
  const own = (graph?.menus ?? []).filter((card) => card.file === file).sort((a, b) => a.line - b.line);
  let found: Card | null = null;
  for (const card of own) if (card.line <= line) found = card;
  if (found === null || found !== own[own.length - 1]) return found;
  const last = Math.max(found.line, ...found.rows.map((row) => row.line));
  return line <= last + 4 ? found : null;
}
