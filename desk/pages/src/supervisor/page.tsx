import { useCallback } from "react";
import type { AreaProps } from "../areas";
import { useBoard } from "../base/live";
import { Field, Loading } from "../base/parts";
import { Link, setParam } from "../base/router";
import { useSession } from "../base/session";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import { PhoneBar } from "../phone/bar";
import { useOwnPhone } from "./acting";
import { Alarms } from "./alarms";
import { Calls } from "./calls";
import { useFigures } from "./figures";
import { Keys } from "./keys";
import { Operators } from "./operators";
import { Queues } from "./queues";
import { useAnswersSoon } from "./own_phone";
import "./supervisor.css";
import { Tiles } from "./tiles";
import { WORDS } from "./words";

/** What a supervisor looks at all day: what is wrong, who waits, who serves, who talks. */
export default function Supervisor({ params }: AreaProps) {
  const t = useWords(WORDS);
  const { who } = useSession();
  const live = useBoard();
  const { figures, at } = useFigures();
  const [phone, choose] = useOwnPhone(who?.name ?? "");
  const soon = useAnswersSoon();
  const called = useTitles();
  const operators = live?.value.operators ?? [];
  const names = useCallback((name: string) => operators.find((one) => one.name === name)?.display_name || (name === who?.name ? who.display_name : "") || name, [operators, who]);
  if (live === undefined) return <><h1>{t("title")}</h1>{figures !== undefined && <Alarms alarms={figures.alarms} />}<Loading /></>;

  const { value: board, at: true_at } = live;
  const wanted = params.get("queue") ?? "";
  const queues = board.queues.filter(({ name }) => wanted === "" || name === wanted);
  const calls = board.calls.filter(({ queue }) => wanted === "" || queue === wanted);
  return (
    <>
      <div className="spread">
        <h1>{t("title")}</h1>
        <div className="row choosing">
          <Keys />
          <Link className="button small" to="/wallboard">{t("open_wallboard")}</Link>
          {who?.role === "admin" && (
            <Field label={t("my_phone")}>
              <select value={phone} title={t("my_phone_hint")} onChange={(event) => choose(event.target.value)}>
                {[...new Set([who.name, phone, ...operators.map(({ name }) => name)])].map((name) => <option key={name} value={name}>{names(name)}</option>)}
              </select>
            </Field>
          )}
          <Field label={t("filter")}>
            <select name="queue" value={wanted} onChange={(event) => setParam("queue", event.target.value)}>
              <option value="">{t("everybody")}</option>
              {board.queues.map(({ name }) => <option key={name} value={name}>{called.queue(name)}</option>)}
            </select>
          </Field>
        </div>
      </div>
      {phone === who?.name && <PhoneBar dials={false} />}
      {figures === undefined ? <Loading /> : <><Alarms alarms={figures.alarms} /><Tiles figures={figures} at={at} /></>}
      <Queues queues={queues} figures={figures?.queues ?? []} at={true_at} names={names} />
      <Operators operators={operators} queues={board.queues} today={figures?.operators ?? []} formulas={figures?.formulas ?? {}} at={true_at} at_queue={wanted} />
      <Calls calls={calls} all={wanted === "" ? board.calls_in_progress : calls.length} operators={operators} at={true_at} phone={phone} soon={soon} names={names} />
    </>
  );
}
