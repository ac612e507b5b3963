import { describe, expect, it } from "vitest";
import { OFF, stepLink, type Link, type LinkDo, type LinkEvent } from "./link";
import { CLOSED, parse } from "./wire";

function tell(link: Link, ...events: LinkEvent[]): [Link, LinkDo[]] {
  const all: LinkDo[] = [];
  for (const event of events) {
    const [next, todo] = stepLink(link, event);
    link = next;
    all.push(...todo);
  }
  return [link, all];
}

const UP: LinkEvent[] = [{ type: "wanted" }, { type: "opened" }];

describe("the connection", () => {
  it("says hello once it stands", () => {
    const [link, todo] = tell(OFF, ...UP);
    expect(link.state).toBe("open");
    expect(todo).toEqual([{ do: "open" }, { do: "hello" }]);
  });

  it("is made again at once, then ever more slowly, and says hello again", () => {
    let [link] = tell(OFF, ...UP);
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      const [next, todo] = tell(link, { type: "closed", code: 1006 }, { type: "waited" });
      link = next;
      expect(link.state).toBe("reconnecting");
      const first = todo[0];
      waits.push(first?.do === "wait" ? first.ms : -1);
      expect(todo[1]).toEqual({ do: "open" });
    }
    expect(waits).toEqual([0, 250, 500, 1000, 2000, 2000, 2000]);
    expect(waits.slice(0, 5).reduce((sum, ms) => sum + ms)).toBeLessThan(10_000);
    const [again, todo] = tell(link, { type: "opened" });
    expect([again.state, again.tries, todo]).toEqual(["open", 0, [{ do: "hello" }]]);
  });

  it.each(Object.entries(CLOSED))("is not tried again after code %s", (code, refusal) => {
    const [link, todo] = tell(OFF, ...UP, { type: "closed", code: Number(code) }, { type: "waited" });
    expect(link).toEqual({ state: "refused", tries: 0, refusal });
    expect(todo.filter((one) => one.do === "wait")).toEqual([]);
    expect(tell(link, { type: "wanted" })[0].state).toBe("connecting");
  });

  it("stays closed when nobody wants it, whatever comes late", () => {
    const [link, todo] = tell(OFF, ...UP, { type: "unwanted" }, { type: "closed", code: 1006 }, { type: "waited" });
    expect(link).toEqual(OFF);
    expect(todo.at(-1)).toEqual({ do: "close" });
    expect(tell(link, { type: "opened" })[1]).toEqual([{ do: "close" }]);
  });
});

describe("what the server says", () => {
  it("is read with everything that it has", () => {
    expect(parse('{"type":"menu","name":"cards","title":"Cards","path":["Main"],"options":[{"key":"1","label":"<b>"}]}'))
      .toEqual({ type: "menu", name: "cards", title: "Cards", path: ["Main"], options: [{ key: "1", label: "<b>" }] });
    expect(parse('{"type":"queue","place":3,"wait":null}')).toEqual({ type: "queue", place: 3, wait: null });
  });

  it.each(["", "{", "null", "[]", '"x"', '{"type":"no such"}', '{"type":"constructor"}', '{"type":"__proto__"}'])(
    "is nothing where it is %s", (text) => expect(parse(text)).toBeNull());

  it("never brings what has another shape", () => {
    expect(parse('{"type":"state","state":"flying","call":7,"number":{},"name":null}'))
      .toEqual({ type: "state", state: "idle", call: null, number: "", name: "" });
    expect(parse('{"type":"heard","items":[1,null,{"text":5}]}'))
      .toEqual({ type: "heard", items: [{ text: "", clip: "", kind: "speech" }] });
    expect(parse('{"type":"menu","path":7,"options":"x"}'))
      .toEqual({ type: "menu", name: "", title: "", path: [], options: [] });
  });
});
