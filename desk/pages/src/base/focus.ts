/** Who closes a dialog goes on where they were. A browser does that for a dialog that closes, and not for one that is
 * taken out of the page, which is how ours end. */

interface Page { readonly activeElement: Element | null; readonly body: Element | null }

/** What had the focus before the dialog took it; null: nothing had. */
export function openerOf(page: Page): HTMLElement | null {
  const found = page.activeElement;
  return found === null || found === page.body ? null : found as HTMLElement;
}

/** Give it the focus again, unless it is gone, or somebody has it by now: who closed the dialog may have sent it on. */
export function giveBack(opener: HTMLElement | null, page: Page): void {
  const now = page.activeElement;
  const isFree = now === null || now === page.body || now.closest("dialog:not([open])") !== null;
  if (opener !== null && isFree && opener.isConnected) opener.focus();
}
