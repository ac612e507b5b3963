import { useState, type ReactNode, type Ref } from "react";
import { WORDS, type BaseWord } from "./base_words";
import { latest, useLiveState } from "./live";
import { Dialog } from "./parts";
import { Preferences } from "./preferences";
import { Link, useRoute } from "./router";
import { mayEnter, useSession, type Role } from "./session";
import { useWords } from "./words";

const PAGES: readonly { to: string; word: BaseWord; role: Role; operator?: boolean }[] = [
  { to: "/desk", word: "desk", role: "operator", operator: true },
  { to: "/supervisor", word: "supervisor", role: "supervisor" },
  { to: "/wallboard", word: "wallboard", role: "operator" },
  { to: "/reports", word: "reports", role: "supervisor" },
  { to: "/admin/menus", word: "menus", role: "admin" },
  { to: "/admin", word: "admin", role: "supervisor" },
];

/** The bar above every page, and the page. */
export function Frame({ children, focus }: { children: ReactNode; focus?: Ref<HTMLDivElement> }) {
  const t = useWords(WORDS);
  const { who, logOut } = useSession();
  const { path } = useRoute();
  const connected = useLiveState();
  const shown = PAGES.filter(({ role, operator }) => mayEnter(who, role) && !(operator === true && who?.operator === false));
  const here = shown.filter(({ to }) => path === to || path.startsWith(`${to}/`)).sort((a, b) => b.to.length - a.to.length)[0];
  return (
    <div className="frame">
      <a className="skip button" href="#content">{t("to_content")}</a>
      <header>
        <Link className="brand" to="/"><img src="/icon.svg" alt="" width="24" height="24" />Hotline</Link>
        <nav aria-label={t("navigation")}>
          {shown.map(({ to, word }) => <Link key={to} to={to} className={here?.to === to ? "here" : undefined}>{t(word)}</Link>)}
        </nav>
        <span className="grow" />
        <Preferences />
        {who !== null && (
          <span className="row who">
            <Link to="/account" className="muted small">{who.display_name || who.name}</Link>
            <LogOut logOut={logOut} />
          </span>
        )}
      </header>
      {connected === "away" && <div className="away" role="status">{t("away")}</div>}
      <main id="content" tabIndex={-1} ref={focus}>{children}</main>
    </div>
  );
}

/** Who logs out in a call leaves a caller alone: that is asked first. */
function LogOut({ logOut }: { logOut: () => Promise<void> }) {
  const t = useWords(WORDS);
  const [asks, ask] = useState(false);
  const inCall = () => (latest<{ cards?: unknown[] }>("me")?.value.cards ?? []).length > 0;
  return (
    <>
      <button className="quiet small" onClick={() => { if (inCall()) ask(true); else void logOut(); }}>{t("log_out")}</button>
      {asks && (
        <Dialog title={t("in_call")} onClose={() => ask(false)}>
          <p>{t("in_call_hint")}</p>
          <div className="row">
            <button onClick={() => ask(false)}>{t("cancel")}</button>
            <button className="bad" onClick={() => { ask(false); void logOut(); }}>{t("log_out")}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
