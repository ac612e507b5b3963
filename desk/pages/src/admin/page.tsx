import { useEffect, useRef } from "react";
import type { AreaProps } from "../areas";
import { Link } from "../base/router";
import { mayEnter, useSession, type Role } from "../base/session";
import { useWords } from "../base/words";
import "./admin.css";
import { AuditPage } from "./audit/audit_page";
import { CallPage } from "./calls/call_page";
import { CallsPage } from "./calls/calls_page";
import { HealthPage } from "./health/health_page";
import { HoursPage } from "./hours/hours_page";
import { LinesPage } from "./lines/lines_page";
import { LoginsPage } from "./people/logins_page";
import { OperatorsPage } from "./people/operators_page";
import { QueuesPage } from "./people/queues_page";
import { TrunksPage } from "./people/trunks_page";
import { Overview } from "./overview";
import { PromptsPage } from "./prompts/prompts_page";
import { WORDS, type AdminWord } from "./words";

const PAGES: readonly { at: string; word: AdminWord; page: () => React.ReactNode; role: Role }[] = [
  { at: "/admin", word: "overview", page: Overview, role: "supervisor" },
  { at: "/admin/lines", word: "lines", page: LinesPage, role: "supervisor" },
  { at: "/admin/prompts", word: "prompts", page: PromptsPage, role: "supervisor" },
  { at: "/admin/hours", word: "hours", page: HoursPage, role: "supervisor" },
  { at: "/admin/queues", word: "queues", page: QueuesPage, role: "supervisor" },
  { at: "/admin/operators", word: "operators", page: OperatorsPage, role: "supervisor" },
  { at: "/admin/trunks", word: "trunks", page: TrunksPage, role: "supervisor" },
  { at: "/admin/calls", word: "calls", page: CallsPage, role: "supervisor" },
  { at: "/admin/people", word: "people", page: LoginsPage, role: "admin" },
  { at: "/admin/audit", word: "audit", page: AuditPage, role: "admin" },
  { at: "/admin/health", word: "health", page: HealthPage, role: "supervisor" },
];
const CALL = "/admin/calls/";

/** The pages of administration, with their names at the side. */
export default function Page({ path }: AreaProps) {
  const t = useWords(WORDS);
  const { who } = useSession();
  const shown = PAGES.filter(({ role }) => mayEnter(who, role));
  const found = shown.find(({ at }) => at === path);
  const Shown = found?.page;
  const names = useRef<HTMLElement>(null);
  useEffect(() => {
    // in braces: newer browsers give a promise, and an effect may give nothing but what ends it
    names.current?.querySelector(".here")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  const call = path.startsWith(CALL) ? decodeURIComponent(path.slice(CALL.length)) : null;
  return (
    <div className="admin">
      <nav aria-label={t("pages")} className="admin-pages" ref={names}>
        {shown.map(({ at, word }) => (
          <Link key={at} to={at} className={at === path || (call !== null && at === "/admin/calls") ? "here" : undefined}>{t(word)}</Link>
        ))}
      </nav>
      <div className="stack admin-page">
        {call !== null && call !== "" ? <CallPage key={call} id={call} /> : Shown !== undefined ? <Shown key={path} /> : <p className="empty">{t("no_page")}</p>}
      </div>
    </div>
  );
}
