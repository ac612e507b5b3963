import { expect, test } from "vitest";
import { phoneName } from "./phone_name";

const KIT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";

test("a browser is called by its name, though it says it were others too", () => {
  expect(phoneName("browser", `${KIT} Chrome/140.0.0.0 Safari/537.36`)).toBe("Chrome");
  expect(phoneName("browser", `${KIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`)).toBe("Edge");
  expect(phoneName("browser", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox");
  expect(phoneName("browser", `${KIT} Version/18.0 Safari/605.1.15`)).toBe("Safari");
});

test("a SIP phone is called what it calls itself; an unknown browser nothing", () => {
  expect(phoneName("udp", "Yealink T54W Chrome/1")).toBe("Yealink T54W Chrome/1");
  expect(phoneName("browser", "curl/8")).toBe("");
});
