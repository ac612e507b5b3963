import { expect, test } from "vitest";
import { asFile, headerName, sizeIn } from "../base/files";
import { NEW, type Do, type Event } from "./chat";
import { remembered, written } from "./kept";
import { CALL, hello, run, told } from "./steps";

const ID = "0123456789abcdef".repeat(2);
const SAID = { file: ID, name: "me.png", type: "image/png", bytes: 500, width: 8, height: 6 };
const AT = "2026-11-23T10:00:00Z";

const attach = (key: string, bytes = 500): Event => ({ type: "attach", key, name: "me.png", bytes, at: AT });
const sent = (key: string): Event => ({ type: "sent_file", key, said: SAID });
const GOING: Event[] = [{ type: "wanted" }, { type: "opened" }, hello(CALL)];
const said = (todo: Do[]) => todo.flatMap((one) => (one.do === "send" && one.said.type === "say" ? [one.said] : []));

test("a file is sent first, said when the server has it, and kept when the server says so", () => {
  const before = run(NEW, ...GOING, attach("k"), { type: "sent_part", key: "k", part: 0.5 });
  expect([before.todo.at(-1), said(before.todo), before.chat.own[0]!.file!.part]).toEqual([{ do: "upload", key: "k" }, [], 0.5]);
  const there = run(before.chat, sent("k"));
  expect(there.todo).toEqual([{ do: "send", said: { type: "say", key: "k", file: ID } }]);
  const { chat } = run(there.chat, told({ type: "kept", key: "k", position: 3, at: AT, form: "file", body: JSON.stringify(SAID) }));
  expect([chat.own, chat.messages[0]!.form, asFile(chat.messages[0]!.body)]).toEqual([[], "file", SAID]);
});

test("after a reconnection a file that is there is said again, and one that is not is not", () => {
  const { chat } = run(NEW, ...GOING, attach("a"), attach("b"), sent("a"), { type: "closed", code: 1006 }, { type: "waited" }, { type: "opened" });
  const back = run(chat, hello(CALL));
  expect(said(back.todo)).toEqual([{ type: "say", key: "a", file: ID }]);
  expect(said(run(back.chat, sent("b")).todo)).toEqual([{ type: "say", key: "b", file: ID }]);
});

test("what is empty or too large is refused before it is sent, and where a secret is asked nothing is taken", () => {
  const { chat, todo } = run(NEW, ...GOING, attach("none", 0), attach("much", 1001));
  expect(chat.own.map(({ state, reason }) => [state, reason])).toEqual([["refused", "empty"], ["refused", "too_large"]]);
  expect(todo.some((one) => one.do === "upload")).toBe(false);
  const asked = run(chat, told({ type: "asks", secret: true, language: "en" }), attach("k"));
  expect(asked.chat.own).toHaveLength(2);
});

test("one that was not sent can be sent again or dropped; one that the server has lost is sent anew", () => {
  const failed = run(NEW, ...GOING, attach("k"), { type: "not_sent", key: "k", reason: "broken_off" });
  expect(failed.chat.own[0]).toMatchObject({ state: "refused", reason: "broken_off" });
  const again = run(failed.chat, { type: "again", key: "k" });
  expect(again.todo).toEqual([{ do: "upload", key: "k" }]);
  const lost = run(again.chat, sent("k"), told({ type: "refused", key: "k", reason: "no_file" }), { type: "again", key: "k" });
  expect(lost.todo.at(-1)).toEqual({ do: "upload", key: "k" });
  expect(run(lost.chat, { type: "drop", key: "k" }).todo).toEqual([{ do: "stop_upload", key: "k" }]);
});

test("a reload keeps a file that is there, and forgets one that is not", () => {
  const { chat } = run(NEW, ...GOING, attach("a"), attach("b"), sent("a"));
  const back = remembered(written(chat, 1000), 2000);
  expect(back.own.map(({ key, file }) => [key, file?.id])).toEqual([["a", ID]]);
  const forged = written(chat, 1000).replaceAll(ID, "../../x");
  expect(remembered(forged, 2000).own).toEqual([]);
});

test("a body that is none of ours is no file, and only pictures have a size to draw", () => {
  for (const body of ["", "{}", "7", "null", JSON.stringify({ ...SAID, file: "../x" }), JSON.stringify({ ...SAID, name: 7 })]) expect(asFile(body)).toBeNull();
  expect(asFile(null)).toBeNull();
  expect(asFile(JSON.stringify({ ...SAID, type: "image/svg+xml" }))).toMatchObject({ width: 0, height: 0 });
});

test("sizes are read by people, and half a character is in no header", () => {
  expect([sizeIn("en", 10_000_000), sizeIn("ru", 1_400_000), sizeIn("en", 999)].map((size) => size.replace(/\s/g, " "))).toEqual(["10 MB", "1,4 МБ", "999 bytes"]);
  expect(headerName("\ud800я.png")).toBe("%D1%8F.png");
  expect(headerName("x".repeat(300) + ".png")).toHaveLength(100);
});
