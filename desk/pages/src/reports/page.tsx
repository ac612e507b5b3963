import { useCallback, useState } from "react";
import type { AreaProps } from "../areas";
import { api } from "../base/api";
import { Empty, ErrorNote, Loading, useAsked } from "../base/parts";
import { useWords } from "../base/words";
import { askedOf, day, DIMENSIONS, queryOf, type Behind as Wanted, type Dimension, type Reports as Told } from "./asked";
import { Behind } from "./behind";
import { Satisfaction, ServiceLevel, Volume, Waits } from "./cards";
import { Choosing } from "./choosing";
import { Outcomes, Topics } from "./lists";
import { Needs } from "./staffing";
import "./reports.css";
import { useNames } from "./shown";
import { Table } from "./table";
import { WORDS } from "./words";

interface Known { queues: { name: string }[] }

/** What happened in a time: charts, and every figure with its formula and its calls. */
export default function Reports({ params }: AreaProps) {
  const t = useWords(WORDS);
  const asked = askedOf(params, day());
  const query = JSON.stringify(queryOf(asked));
  const by = DIMENSIONS.find((one) => one === params.get("by")) ?? "queue";
  const { value: told, error, again } = useAsked((signal) => api.get<Told>("/api/reports", queryOf(asked), signal), [query]);
  const { value: known } = useAsked((signal) => api.get<Known>("/api/queues", {}, signal), []);
  const [opened, setOpened] = useState<{ wanted: Wanted; what: string } | null>(null);
  const open = useCallback((wanted: Wanted, what: string) => setOpened({ wanted, what }), []);
  const name = useNames(told?.figures ?? []);
  const lines = told?.reports.line.groups.map(({ key }) => key) ?? [];
  return (
    <>
      <div className="spread"><h1>{t("title")}</h1>{told !== undefined && <span className="muted small">{t("times_of", { zone: told.zone })} {t("click")}</span>}</div>
      <Choosing key={asked.threshold} asked={asked} queues={known?.queues.map((queue) => queue.name) ?? []} lines={asked.line === "" ? lines : [asked.line, ...lines.filter((one) => one !== asked.line)]} />
      <ErrorNote error={error} again={again} />
      {told === undefined ? error === null && <Loading /> : (told.reports.day.total.counts["visits"] ?? 0) === 0
        ? <div className="card"><Empty>{t("nothing")} {t("nothing_hint")}</Empty></div>
        : <Shown told={told} asked={asked} by={by} open={open} />}
      {opened !== null && <Behind asked={asked} wanted={opened.wanted} what={opened.what} outcome={name} onClose={() => setOpened(null)} />}
    </>
  );
}

function Shown({ told, asked, by, open }: { told: Told; asked: ReturnType<typeof askedOf>; by: Dimension; open: (wanted: Wanted, what: string) => void }) {
  return (
    <>
      <div className="grid reports">
        <ServiceLevel told={told} open={open} />
        <Volume told={told} open={open} />
        <Waits told={told} open={open} />
        <Satisfaction told={told} open={open} />
        <Topics told={told} open={open} />
        <Outcomes told={told} open={open} />
        <Needs asked={asked} threshold={told.threshold_s} />
      </div>
      <Table told={told} asked={asked} by={by} open={open} />
    </>
  );
}
