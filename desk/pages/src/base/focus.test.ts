import { expect, test } from "vitest";
import { giveBack, openerOf } from "./focus";

/** A page as far as the focus goes: one element has it, and `closed` ones stand in a dialog that closed. */
function page() {
  const shown = { activeElement: null as Element | null, body: null as Element | null };
  const element = (isConnected = true, closed = false) => {
    const one = { isConnected, closest: () => (closed ? one : null), focus: () => { shown.activeElement = one as unknown as Element; } };
    return one as unknown as HTMLElement;
  };
  shown.body = element();
  shown.activeElement = shown.body;
  return { shown, element };
}

test("a dialog that closes gives the focus back to what opened it", () => {
  const { shown, element } = page();
  const button = element();
  button.focus();
  const opener = openerOf(shown);
  element(true, true).focus();              // in the dialog, which is closed by now
  giveBack(opener, shown);
  expect(shown.activeElement).toBe(button);
  shown.activeElement = shown.body;         // as browsers have it when who had the focus is taken out
  giveBack(opener, shown);
  expect(shown.activeElement).toBe(button);
});

test("who has the focus by now keeps it, and what is gone gets none", () => {
  const { shown, element } = page();
  const button = element(), field = element();
  button.focus();
  const opener = openerOf(shown);
  field.focus();
  giveBack(opener, shown);
  expect(shown.activeElement).toBe(field);
  shown.activeElement = shown.body;
  giveBack(element(false), shown);
  giveBack(null, shown);
  expect(shown.activeElement).toBe(shown.body);
  expect(openerOf(shown)).toBeNull();
});
