// What tests of a visitor's chat begin with: events in a row, and a server that greets.
import { step, type Chat, type Do, type Event } from "./chat";
import type { Told } from "./wire";

export const CALL = "00000000-0000-4000-8000-000000000001", TOKEN = "t".repeat(24);

export function run(chat: Chat, ...events: Event[]): { chat: Chat; todo: Do[] } {
  const todo: Do[] = [];
  for (const event of events) {
    const [next, more] = step(chat, event);
    chat = next;
    todo.push(...more);
  }
  return { chat, todo };
}

export const told = (given: Told): Event => ({ type: "told", told: given, now: 1000 });
export const hello = (call = "", secret = false): Event => told({ type: "hello", token: TOKEN, call, secret, language: "en", fileBytes: 1000, calls: [], voice: "", name: "" });
