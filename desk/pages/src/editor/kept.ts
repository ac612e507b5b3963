/** Drafts outlast the page: one for each file, with the version that it was made from. */
export interface Kept {
  version: string;
  text: string;
}

const PREFIX = "hotline.menu-draft:";

export function keptDraft(file: string): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PREFIX + file) ?? "null");
    if (typeof found !== "object" || found === null) return null;
    const { version, text } = found as Partial<Kept>;
    return typeof version === "string" && typeof text === "string" ? { version, text } : null;
  } catch {
    return null;
  }
}

/** Whether it is kept: a browser may keep nothing, or have no room. */
export function keepDraft(file: string, draft: Kept | null): boolean {
  try {
    if (draft === null) localStorage.removeItem(PREFIX + file);
    else localStorage.setItem(PREFIX + file, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function keptFiles(): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
  } catch {
    return [];
  }
}
