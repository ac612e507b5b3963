/*
 * The chat of a Hotline in any page:
 *
 *   <script src="https://hotline.example/chat.js" defer data-colour="#1558c0" data-side="right" data-label="Chat"
 *           data-language="en"></script>
 *
 * A round button at the page's corner opens the chat in a frame. The page gets no cookie, no global name and no style;
 * what it needs lies in a shadow root. The house names the origins that may show the chat (channels.web.origins).
 */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || !/^https?:/.test(script.src)) return;
  const { origin } = new URL(script.src);
  const wanted = script.dataset;
  const russian = /^ru/i.test(wanted.language || document.documentElement.lang || navigator.language || "");
  const label = (wanted.label || (russian ? "Чат" : "Chat")).slice(0, 60);
  const colour = /^#[0-9a-f]{6}$/i.test(wanted.colour || "") ? wanted.colour : "#1558c0";
  const isLeft = wanted.side === "left";
  const GOING = "hotline.chat.going";

  const STYLE = `
    :host { all: initial }
    * { box-sizing: border-box }
    .button, .panel { position: fixed; z-index: 2147483000; ${isLeft ? "left" : "right"}: max(16px, env(safe-area-inset-${isLeft ? "left" : "right"})) }
    .button { bottom: max(16px, env(safe-area-inset-bottom)); width: 60px; height: 60px; padding: 0; border: 0; border-radius: 50%;
      background: ${colour}; color: ${readableOn(colour)}; cursor: pointer; box-shadow: 0 4px 18px rgb(0 0 0 / 30%);
      display: grid; place-items: center; font: 600 13px/1 system-ui, sans-serif }
    .button:hover { filter: brightness(1.08) }
    .button:focus-visible { outline: 3px solid ${colour}; outline-offset: 3px; box-shadow: 0 0 0 3px #fff }
    .button svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
    .mark { position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px; border: 2px solid #fff;
      background: #b01a22; color: #fff; display: grid; place-items: center }
    .panel { bottom: calc(max(16px, env(safe-area-inset-bottom)) + 72px); width: min(400px, calc(100vw - 32px)); height: min(640px, calc(100dvh - 104px));
      border: 0; border-radius: 16px; overflow: hidden; box-shadow: 0 8px 40px rgb(0 0 0 / 32%); background: Canvas; color-scheme: light dark }
    [hidden] { display: none !important }
    @media (max-width: 520px) {
      .panel { inset: 0; width: 100%; height: 100dvh; border-radius: 0 }
      .open .button { display: none }
    }
    @media print { :host { display: none } }`;
  const OPEN = "M21 11.5a8.4 8.4 0 0 1-8.5 8.2 8.9 8.9 0 0 1-3.7-.8L3 20.5l1.7-5A7.9 7.9 0 0 1 4 11.5a8.4 8.4 0 0 1 8.5-8.2 8.4 8.4 0 0 1 8.5 8.2Z";
  const CLOSE = "M6 9.5l6 6 6-6";

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const box = document.createElement("div");
  const button = document.createElement("button");
  const mark = document.createElement("span");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const KEPT = "1";               // the frame keeps the rest itself; else this is the visitor's token
  let frame = null, isOpen = false, isReady = false, unread = 0;
  const SEEN = "hotline.chat.seen";
  const before = remembered();
  let seen = Number(sessionItem(SEEN) || -1);      // up to where it was read, for a frame that may keep nothing
  let kept = before === KEPT ? "" : before;

  button.type = "button";
  button.className = "button";
  mark.className = "mark";
  mark.hidden = true;
  mark.setAttribute("aria-hidden", "true");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  picture.append(path);
  button.append(picture, mark);
  button.addEventListener("click", () => show(!isOpen));
  box.append(button);
  root.append(box);

  function load() {
    if (frame !== null) return;
    const address = new URL("/chat", origin);
    address.searchParams.set("in", location.origin);
    address.searchParams.set("colour", colour);
    if (wanted.language === "ru" || wanted.language === "en") address.searchParams.set("language", wanted.language);
    frame = document.createElement("iframe");
    frame.className = "panel";
    frame.title = label;
    frame.hidden = true;
    frame.referrerPolicy = "no-referrer";
    frame.src = address.href;
    box.prepend(frame);
  }

  function show(wantsOpen) {
    if (wantsOpen) load();
    const hadFocus = frame !== null && root.activeElement === frame;
    isOpen = wantsOpen;
    if (frame !== null) frame.hidden = !isOpen;
    paint();
    tell();
    if (isOpen) frame.focus();
    else if (hadFocus || root.activeElement === null) button.focus();
  }

  function tell() {
    if (frame !== null && isReady) frame.contentWindow.postMessage({ hotline: "shown", shown: isOpen, token: kept, seen }, origin);
  }

  function paint() {
    box.className = isOpen ? "open" : "";
    path.setAttribute("d", isOpen ? CLOSE : OPEN);
    mark.hidden = isOpen || unread === 0;
    mark.textContent = unread > 99 ? "99+" : String(unread);
    const news = unread === 0 || isOpen ? "" : russian ? `, новых сообщений: ${unread}` : `, new messages: ${unread}`;
    button.setAttribute("aria-label", label + news);
    button.setAttribute("aria-expanded", String(isOpen));
    button.title = label;
  }

  function remember(going, token, read) {
    seen = going && Number.isInteger(read) ? read : -1;
    kept = going && typeof token === "string" ? token : "";
    try {
      sessionStorage.setItem(SEEN, String(seen));
      if (going) sessionStorage.setItem(GOING, kept || KEPT);
      else sessionStorage.removeItem(GOING);
    } catch {
      // then the next page of this site does not know of the chat until the button is pressed
    }
  }

  function remembered() {
    return sessionItem(GOING);
  }

  function sessionItem(name) {
    try {
      return sessionStorage.getItem(name) || "";
    } catch {
      return "";
    }
  }

  // White or black, whichever has the higher contrast on the colour (as WCAG reckons it).
  function readableOn(hex) {
    const part = (at) => {
      const value = parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    const luminance = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
    return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#fff" : "#000";
  }

  addEventListener("message", (event) => {
    if (frame === null || event.source !== frame.contentWindow || event.origin !== origin) return;
    const told = event.data;
    if (typeof told !== "object" || told === null) return;
    if (told.hotline === "ready") {
      isReady = true;
      tell();
    } else if (told.hotline === "close") {
      if (isOpen) show(false);
    } else if (told.hotline === "chat") {
      unread = Number.isInteger(told.unread) && told.unread > 0 ? told.unread : 0;
      remember(told.going === true, told.token, told.seen);
      paint();
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen && !event.defaultPrevented) show(false);
  });
  paint();
  const place = () => {
    document.body.append(host);
    if (before !== "") load();         // somebody may have answered meanwhile
  };
  if (document.body === null) addEventListener("DOMContentLoaded", place);
  else place();
})();
