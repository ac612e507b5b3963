import { expect, test } from "vitest";
import { namesIn } from "./complete";
import { dropOff, heatClass } from "./heat";
import { cardAt } from "./names";
import { placed } from "./layout";
import type { Card, Graph } from "./types";

const card = (name: string, line: number, ways: string[], column: number): Card => ({
  name, local: name, file: "/bank.yaml", column, line, reached: true, says: {},
  rows: ways.map((way, n) => ({ slot: String(n + 1), keys: String(n + 1), does: `goto ${way}`, kind: "goto", ends: [], line: line + n + 1, menus: [{ name: way, back: way === "main" }] })),
});
const graph: Graph = { root: "/bank.yaml", version: "v", languages: [], start: "main", columns: 2,
  menus: [card("main", 3, ["loans", "cards"], 0), card("cards", 10, ["main"], 1), card("loans", 20, ["main"], 1)] };

test("names in a part: those of its first column, whatever stands below them", () => {
  expect(namesIn("start: main\nmenus:\n  main:\n    options:\n      \"1\": x\n  cards:\n    do: x\nprompts:\n  welcome:\n    en: x\n", "menus")).toEqual(["main", "cards"]);
  expect(namesIn("prompts:\n    a:\n        en: x\n    b:\n", "prompts")).toEqual(["a", "b"]);
  expect(namesIn("prompts: 3", "menus")).toEqual([]);
});

test("the card of the cursor: the last that begins above it, and none far below the last", () => {
  expect(cardAt(graph, "/bank.yaml", 4)?.name).toBe("main");
  expect(cardAt(graph, "/bank.yaml", 12)?.name).toBe("cards");
  expect(cardAt(graph, "/bank.yaml", 1)).toBeNull();
  expect(cardAt(graph, "/bank.yaml", 90)).toBeNull();
  expect(cardAt(graph, "/other.yaml", 12)).toBeNull();
  expect(cardAt(null, "/bank.yaml", 12)).toBeNull();
});

test("cards stand as the keys that lead to them do, beside one another and over none", () => {
  const [main, cards, loans] = placed(graph, false);
  expect(cards!.x).toBeGreaterThan(main!.x);
  expect(loans!.y + loans!.height).toBeLessThan(cards!.y);
});

test("heat is a share of those who came", () => {
  const menu = { entered: 10, hung_up: 3, contained: 0, queued: 0, keys: {} };
  expect(dropOff(menu)).toBeCloseTo(0.3);
  expect(heatClass(menu)).toBe("heat-4");
  expect(heatClass({ ...menu, entered: 0 })).toBe("");
  expect(heatClass(undefined)).toBe("");
});
