import { describe, expect, it } from "vitest";
import { KEYS, actOf, letterOf, shortcut } from "./keys";
import { lacking } from "./request";
import { titleOf, topicTitle } from "./titles";
import type { RequestRow, Topics } from "./types";

const pressed = (code: string, more: object = {}) => actOf({ altKey: true, ctrlKey: false, metaKey: false, code, ...more });

describe("keys", () => {
  it("go by their place, whatever the layout writes there", () => {
    expect(pressed("KeyA")).toBe("answer");
    expect(pressed("Enter")).toBe("close");
    expect(pressed("KeyQ")).toBeNull();
  });
  it("are none without Alt, nor with AltGr, which types", () => {
    expect(pressed("KeyA", { altKey: false })).toBeNull();
    expect(pressed("KeyA", { ctrlKey: true })).toBeNull();
    expect(pressed("KeyA", { metaKey: true })).toBeNull();
  });
  it("differ, and are named as keyboards name them", () => {
    expect(new Set(Object.values(KEYS)).size).toBe(Object.keys(KEYS).length);
    expect(shortcut("available")).toBe("Alt+1");
    expect(letterOf("help")).toBe("/");
  });
});

const TOPICS: Topics = {
  version: "v", outcomes: {}, notes: {},
  topics: { cards: { en: "Cards", ru: "Карты" }, "cards/lost": { "": "Lost" } },
  fields: { lost_card: [
    { name: "digits", type: "digits", titles: {}, required: true, length: 4, options: [] },
    { name: "mood", type: "text", titles: {}, required: false, length: 0, options: [] }] },
};
const row = { queue: "lost_card" } as RequestRow;

describe("a request", () => {
  it("lacks what is required, and the topic where there are some", () => {
    const nothing = { topic: "", result: "", note: "", filled: {} };
    expect([...lacking(TOPICS, row, nothing)]).toEqual(["", "digits"]);
    expect([...lacking(TOPICS, row, { ...nothing, topic: "cards", filled: { digits: "1234" } })]).toEqual([]);
    expect([...lacking({ ...TOPICS, topics: {}, fields: {} }, row, nothing)]).toEqual([]);
  });
  it("has titles in the language of the page, else in any", () => {
    expect(topicTitle(TOPICS, "cards/lost", "ru")).toBe("Карты › Lost");
    expect(titleOf({ de: "Karten" }, "en", "cards")).toBe("Karten");
    expect(titleOf(undefined, "en", "cards")).toBe("cards");
  });
});
