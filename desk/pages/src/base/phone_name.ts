const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bFirefox\//, "Firefox"], [/\bEdg\//, "Edge"], [/\bOPR\//, "Opera"], [/\bYaBrowser\//, "Yandex"],
  [/\bChrom(e|ium)\/|\bHeadlessChrome\//, "Chrome"], [/\bSafari\//, "Safari"],
];

/** What people call a phone: the browser of a page by its name (browsers say they were all of them: the more special
 * words come first), a SIP phone as it names itself. Empty where neither is known. */
export function phoneName(transport: string, userAgent: string): string {
  if (transport !== "browser") return userAgent;
  return BROWSERS.find(([said]) => said.test(userAgent))?.[1] ?? "";
}
