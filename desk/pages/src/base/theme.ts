export type Theme = "auto" | "light" | "dark";
const KEPT = "hotline.theme";

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

/** What the person chose, else what their system says. */
export function applyTheme(chosen: Theme = theme()): void {
  if (chosen === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
  try {
    if (chosen === "auto") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, chosen);
  } catch {
    // it holds until the page is closed
  }
}
