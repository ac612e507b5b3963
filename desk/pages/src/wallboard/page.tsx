import { useEffect, useState } from "react";
import type { AreaProps } from "../areas";
import { useBoard, useLiveState } from "../base/live";
import { Clock, useNow } from "../base/parts";
import { useTitles } from "../base/titles";
import { duration, useLanguage, useWords } from "../base/words";
import { percent, useFigures, type Figures } from "../supervisor/figures";
import { moodOf, shownOf, together, wantedOf, type Shown } from "./reckoning";
import "./wallboard.css";
import { WORDS, type Word } from "./words";

/** For a screen on the wall: huge, without controls; which queues, says the address. */
export default function Wallboard({ params }: AreaProps) {
  const t = useWords(WORDS);
  const live = useBoard();
  const called = useTitles();
  const wanted = wantedOf(params);
  const { figures, at, failed } = useFigures(wanted);
  useAwake();
  if (figures === undefined) return <main className="wall"><h1 className="hidden">Hotline</h1><Stale since={failed ? at : null} /><p className="big-note">{t("loading")}</p></main>;
  const queues = shownOf(figures, at, live, wanted);
  const unknown = wanted.filter((name) => !figures.queues.some((queue) => queue.name === name));
  return (
    <main className={`wall ${queues.length > 1 ? "several" : "alone"} ${queues.length > 4 ? "many" : ""}`}>
      <Head name={wanted.length === 0 ? t("all_queues") : wanted.map(called.queue).join(", ")} />
      <Stale since={failed ? at : null} />
      {unknown.map((name) => <p key={name} className="big-note bad">{t("unknown", { name })}</p>)}
      <Alarms figures={figures} />
      <Tiles figures={figures} queues={queues} />
      {queues.length > 1 && <Queues queues={queues} />}
    </main>
  );
}

function Head({ name }: { name: string }) {
  const language = useLanguage();
  useNow();
  return (
    <header>
      <h1>{name}</h1>
      <time className="figure">{new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date())}</time>
    </header>
  );
}

/** Says in words and over the whole width that what is seen is old, and since when. */
function Stale({ since }: { since: number | null }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const away = useLiveState() === "away";
  const [lost, setLost] = useState<number | null>(null);
  const now = useNow();
  const stale = since !== null || away;
  useEffect(() => setLost((before) => (stale ? before ?? since ?? performance.now() : null)), [stale, since]);
  if (!stale || lost === null || now - lost < 2000) return null;
  const began = new Date(Date.now() - (performance.now() - lost));
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(began);
  return <p className="stale" role="alert"><span aria-hidden="true">⚠ </span>{t("stale", { time, age: duration((now - lost) / 1000) })}</p>;
}

function Alarms({ figures }: { figures: Figures }) {
  const language = useLanguage();
  const urgent = figures.alarms.filter(({ level }) => level === "bad").slice(0, 2);
  return (
    <div role="status" className="urgent">
      {urgent.map((alarm) => <p key={`${alarm.code} ${alarm.subject}`}><span aria-hidden="true">▲ </span>{alarm.words[language].message}</p>)}
    </div>
  );
}

function Tiles({ figures, queues }: { figures: Figures; queues: readonly Shown[] }) {
  const t = useWords(WORDS);
  const now = useNow();
  const all = together(queues);
  const worst = queues.map((queue) => moodOf(queue, now)).sort((a, b) => MOODS.indexOf(b) - MOODS.indexOf(a))[0] ?? "well";
  const counted = queues.some(({ today }) => today !== null);
  const { operators } = figures.now;
  return (
    <dl className="huge">
      <div className={`waits ${worst}`}>
        <dt>{t("waiting")}</dt>
        <dd data-figure="waiting">{all.waiting}</dd>
        <dd className="word">{t(`${worst}_word` as Word)}</dd>
      </div>
      <div className={worst === "late" ? "late" : ""}>
        <dt>{t("longest")}</dt>
        <dd>{all.longest === undefined ? "–" : <Clock seconds={all.longest.longest} at={all.longest.at} />}</dd>
      </div>
      <div className={worst === "unstaffed" ? "unstaffed" : ""}><dt>{t("free")}</dt><dd>{operators.free}</dd></div>
      <div><dt>{t("talking")}</dt><dd>{operators.on_call}</dd>{figures.now.chats > 0 && <dd className="word" data-figure="chats">{t("chats", { n: figures.now.chats })}</dd>}</div>
      <div>
        <dt>{t("level")}</dt>
        <dd>{counted && all.offered > 0 ? percent(all.in_time / all.offered) : t("not_counted")}</dd>
        <dd className="word">{counted ? t("of", { n: all.in_time, of: all.offered }) : ""}</dd>
      </div>
      <div>
        <dt>{t("abandoned")}</dt>
        <dd>{counted ? all.abandoned : t("not_counted")}</dd>
        <dd className="word">{counted && all.offered > 0 ? t("share", { share: percent(all.abandoned / all.offered), n: all.offered }) : ""}</dd>
      </div>
    </dl>
  );
}

const MOODS = ["well", "waiting", "late", "unstaffed"] as const;

function Queues({ queues }: { queues: readonly Shown[] }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const now = useNow();
  return (
    <table className="crews">
      <thead>
        <tr><th scope="col">{t("queue")}</th><th scope="col">{t("waiting")}</th><th scope="col">{t("longest")}</th><th scope="col">{t("free")}</th>
          <th scope="col">{t("level_short")}</th><th scope="col">{t("abandoned_short")}</th><th scope="col">{t("state")}</th></tr>
      </thead>
      <tbody>
        {queues.map((queue) => {
          const mood = moodOf(queue, now);
          return (
            <tr key={queue.name} className={mood} data-queue={queue.name}>
              <th scope="row">{called.queue(queue.name)}</th>
              <td data-figure="waiting" data-name={t("waiting")}>{queue.waiting}{queue.chats > 0 && <span className="under">{t("chats", { n: queue.chats })}</span>}</td>
              <td data-name={t("longest")}>{queue.waiting === 0 ? "–" : <Clock seconds={queue.longest} at={queue.at} />}</td>
              <td data-name={t("free")}>{queue.free}</td>
              <td data-name={t("level_short")}>{percent(queue.today?.service_level)}</td>
              <td data-name={t("abandoned_short")}>{queue.today?.abandoned ?? "–"}</td>
              <td>{t(`${mood}_word` as Word)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The screen stays on as long as the page is seen, where the browser can do that. */
function useAwake() {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    async function hold() {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
      } catch {
        // the battery is low, or the system says no: the screen does what it does
      }
    }
    const again = () => void hold();
    document.addEventListener("visibilitychange", again);
    void hold();
    return () => {
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, []);
}
