import { useEffect } from "react";
import { api } from "../base/api";
import type { OperatorNow, QueueNow } from "../base/live";
import { Empty, ErrorNote, Loading, useAsked } from "../base/parts";
import { Link } from "../base/router";
import { useTitles } from "../base/titles";
import { useLanguage, useWords } from "../base/words";
import { askHealth, CHECKS, type Health } from "./health/health";
import { WORDS as HEALTH } from "./health/words";
import type { HoursShown } from "./hours/hours_page";
import type { Orders } from "./lines/lines";
import { isTrunkWell, type Trunk } from "./people/trunks_page";
import type { Prompts } from "./prompts/prompts";
import { OVERVIEW } from "./overview_words";
import { useWall } from "./shared";
import { WORDS } from "./words";

const LOOK_EVERY = 5000;        // ms

interface House {
  health: Health;
  orders: Orders["orders"];
  queues: QueueNow[];
  operators: OperatorNow[];
  trunks: Trunk[];
  hours: HoursShown;
}

interface Matter {
  key: string;
  kind: "bad" | "warn" | "accent";
  text: string;
  to: string;
}

async function look(signal: AbortSignal): Promise<House> {
  const [health, { orders }, { queues }, { operators }, { trunks }, hours] = await Promise.all([
    askHealth(signal), api.get<Orders>("/api/lines", {}, signal), api.get<{ queues: QueueNow[] }>("/api/queues", {}, signal),
    api.get<{ operators: OperatorNow[] }>("/api/operators", {}, signal), api.get<{ trunks: Trunk[] }>("/api/trunks", {}, signal),
    api.get<HoursShown>("/api/hours", {}, signal)]);
  return { health, orders, queues, operators, trunks, hours };
}

/** What needs attention, and how the house stands. */
export function Overview() {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked(look, []);
  const prompts = useAsked((signal) => api.get<Prompts>("/api/prompts", {}, signal), []);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) again(); }, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <>
      <h1>{t("overview")}</h1>
      <ErrorNote error={error} again={again} />
      {value === undefined ? error === null && <Loading /> : <House house={value} prompts={prompts.value} promptsFailed={prompts.error} />}
    </>
  );
}

function House({ house, prompts, promptsFailed }: { house: House; prompts: Prompts | undefined; promptsFailed: unknown }) {
  const t = useWords(WORDS);
  const matters = [...useMatters(house), ...usePromptMatters(prompts, promptsFailed)];
  return (
    <>
      <section className="card stack" aria-live="polite">
        <h2>{t("attention")}</h2>
        {matters.length === 0 ? <Empty>{t("all_well")}</Empty> : matters.map(({ key, kind, text, to }) => (
          <div key={key} className={`note ${kind} spread`}><span>{text}</span><Link to={to}>{t("look")}<span className="hidden">: {text}</span></Link></div>
        ))}
      </section>
      <Tiles house={house} />
    </>
  );
}

function useMatters({ health, orders, queues, trunks, hours, operators }: House): Matter[] {
  const t = useWords(OVERVIEW);
  const words = useWords(HEALTH);
  const called = useTitles();
  const russian = useLanguage() === "ru";
  const wall = useWall();
  const unreachable = operators.filter(({ status, reachable }) => status === "available" && !reachable).map(({ display_name }) => display_name);
  return [
    ...orders.map(({ line, kind, by, since }): Matter => ({ key: `${line} ${kind}`, kind: "warn", to: "/admin/lines",
      text: t(kind === "closure" ? "line_closed" : "line_announces", { line, by, time: wall(since) }) })),
    ...CHECKS.filter((name) => !health.checks[name].ok).map((name): Matter => ({ key: name, kind: health.state === "failing" ? "bad" : "warn", to: "/admin/health",
      text: `${words(name)}: ${russian && name !== "lines" ? words(`do_${name}`) : health.checks[name].detail}` })),
    ...trunks.filter((trunk) => !isTrunkWell(trunk)).map((trunk): Matter => ({ key: `trunk ${trunk.name}`, kind: "bad", to: "/admin/trunks", text: t("trunk_down", { name: trunk.name }) })),
    ...queues.filter((queue) => queue.waiting > 0 && queue.operators_in_service === 0).map(({ name, waiting }): Matter => (
      { key: `queue ${name}`, kind: "bad", to: "/admin/queues", text: t("queue_empty", { name: called.queue(name), n: waiting }) })),
    ...(unreachable.length > 0 ? [{ key: "phones", kind: "warn" as const, to: "/admin/operators", text: t("no_phone", { names: unreachable.join(", ") }) }] : []),
    ...(hours.faults.length > 0 ? [{ key: "hours", kind: "bad" as const, to: "/admin/hours", text: t("hours_faulty") }] : []),
  ];
}

function usePromptMatters(prompts: Prompts | undefined, failed: unknown): Matter[] {
  const t = useWords(OVERVIEW);
  if (failed !== null && failed !== undefined) return [{ key: "prompts", kind: "warn", to: "/admin/prompts", text: t("prompts_unread") }];
  const faults = prompts?.clips.filter(({ findings }) => findings.some(({ severity }) => severity === "error")).length ?? 0;
  return faults === 0 ? [] : [{ key: "prompts", kind: "warn", to: "/admin/prompts?show=faulty", text: t("prompts_faulty", { n: faults }) }];
}

function Tiles({ house }: { house: House }) {
  const t = useWords(OVERVIEW);
  const { queues, operators, trunks, hours } = house;
  const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0);
  const open = hours.schedules.filter((schedule) => schedule.lines.length > 0 && schedule.open).reduce((sum, { lines }) => sum + lines.length, hours.lines_without.length);
  const lines = hours.schedules.reduce((sum, schedule) => sum + schedule.lines.length, hours.lines_without.length);
  const tiles: [string, string, string][] = [
    ["/admin/lines", `${open} / ${lines}`, t("lines_open")],
    ["/admin/queues", String(waiting), t("callers_wait")],
    ["/admin/operators", `${operators.filter(({ condition }) => condition === "free").length} / ${operators.filter(({ status }) => status !== "logged_out").length}`, t("operators_free")],
    ...(trunks.length > 0 ? [["/admin/trunks", `${trunks.filter(isTrunkWell).length} / ${trunks.length}`, t("trunks_up")] as [string, string, string]] : []),
  ];
  return (
    <div className="tiles">
      {tiles.map(([to, figure, words]) => <Link key={to} to={to} className="card tile"><span className="big figure">{figure}</span><span className="muted">{words}</span></Link>)}
    </div>
  );
}
