import dagre from "@dagrejs/dagre";
import type { Card, Graph } from "./types";

// In pixels; the style sheet has the same.
export const WIDTH = 284;
const HEAD = 40, SAYS = 42, HEAT = 26, ROW = 26, PADDING = 8, GAP = 28, BETWEEN = 110;
const TALL = 1900;       // so tall a column may always be

export interface Placed {
  card: Card;
  x: number;
  y: number;
  height: number;
}

export function heightOf(card: Card, heat: boolean): number {
  return HEAD + SAYS + (heat ? HEAT : 0) + ROW * card.rows.length + PADDING;
}

/** Cards from left to right by the ways that lead on; ways back don't pull. */
export function placed(graph: Graph, heat: boolean): Placed[] {
  const drawing = new dagre.graphlib.Graph();
  drawing.setGraph({ rankdir: "LR", nodesep: GAP, ranksep: BETWEEN, marginx: 16, marginy: 16 });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const card of graph.menus) drawing.setNode(card.name, { width: WIDTH, height: heightOf(card, heat) });
  for (const card of graph.menus)
    for (const row of card.rows)
      for (const way of row.menus) if (!way.back) drawing.setEdge(card.name, way.name);
  dagre.layout(drawing);
  return inOrderOfKeys(graph.menus.map((card) => {
    const { x, y, height } = drawing.node(card.name);
    return { card, x: x - WIDTH / 2, y: y - height / 2, height };
  }), heat);
}

/** In each column the cards stand as the keys that lead to them do, from the top down: then curves cross least. A column
 * that is much taller than the whole is wide goes on beside itself. */
function inOrderOfKeys(all: Placed[], heat: boolean): Placed[] {
  const columns = new Map<number, Placed[]>();
  for (const one of all) columns.set(Math.round(one.x), [...columns.get(Math.round(one.x)) ?? [], one]);
  const led = new Map<string, number[]>();
  const tallest = Math.max(TALL, Math.sqrt(all.reduce((sum, { height }) => sum + (height + GAP) * (WIDTH + GAP), 0)));
  let x = 0;
  for (const [, column] of [...columns].sort(([one], [other]) => one - other)) {
    column.sort((one, other) => mean(led.get(one.card.name)) - mean(led.get(other.card.name)));
    const parts = Math.ceil(heightOfAll(column) / tallest);
    const each = Math.ceil(column.length / parts);
    for (let part = 0; part < parts; part++, x += WIDTH + GAP) stack(column.slice(part * each, (part + 1) * each), x);
    for (const { card, y } of column)
      card.rows.forEach((row, number) => row.menus.forEach(({ name }) => {
        led.set(name, [...led.get(name) ?? [], y + HEAD + SAYS + (heat ? HEAT : 0) + ROW * (number + 0.5)]);
      }));
    x += BETWEEN - GAP;
  }
  return all;
}

/** One below the other, around the middle. */
function stack(cards: readonly Placed[], x: number): void {
  let y = -heightOfAll(cards) / 2;
  for (const one of cards) {
    one.x = x;
    one.y = y;
    y += one.height + GAP;
  }
}

function heightOfAll(cards: readonly Placed[]): number {
  return cards.reduce((sum, { height }) => sum + height, 0) + GAP * (cards.length - 1);
}

function mean(values: readonly number[] = [0]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
