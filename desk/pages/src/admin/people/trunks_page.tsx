import { api } from "../../base/api";
import { Empty, ErrorNote, Loading, useAsked } from "../../base/parts";
import { duration, useWords } from "../../base/words";
import { useEvery } from "../shared";
import { WORDS as ADMIN } from "../words";
import { Settings, type Configured } from "./settings";
import { WORDS } from "./words";

const LOOK_EVERY = 4000;        // ms
const WELL = new Set(["", "registered", "refreshing", "registering", "up", "unknown", "recovering"]);

export interface Trunk {
  name: string;
  registration: string;
  reason: string;
  expires_in_s: number | null;
  ping: string;
  ping_reason: string;
  round_trip_s: number | null;
  calls: number;
  max_calls: number | null;
  last_error: string;
  addresses: string[];
}

export function isTrunkWell({ registration, ping }: Trunk): boolean {
  return WELL.has(registration) && WELL.has(ping);
}

/** How the lines to the providers stand, and what to do where one does not. */
export function TrunksPage() {
  const t = useWords(WORDS);
  const words = useWords(ADMIN);
  const { value, error, again } = useAsked((signal) => api.get<Configured>("/api/configured", {}, signal), []);
  const now = useEvery<{ trunks: Trunk[] }>("/api/trunks", LOOK_EVERY);
  return (
    <>
      <h1>{words("trunks")}</h1>
      <p className="note">{words("restart")}</p>
      <ErrorNote error={error ?? now.error} again={() => { again(); now.again(); }} />
      {value === undefined && error === null && <Loading />}
      {value?.trunks.length === 0 && <Empty>{t("no_trunks")}</Empty>}
      {value?.trunks.map(({ name, settings }) => {
        const trunk = now.value?.trunks.find((one) => one.name === name);
        return (
          <section key={name} className="card stack" aria-label={name}>
            <h2>{name}</h2>
            {trunk !== undefined && <State trunk={trunk} />}
            <Settings settings={settings} of={name} />
          </section>
        );
      })}
    </>
  );
}

function State({ trunk }: { trunk: Trunk }) {
  const t = useWords(WORDS);
  const { registration, reason, expires_in_s, ping, ping_reason, round_trip_s, calls, max_calls, addresses, last_error } = trunk;
  return (
    <>
      {!WELL.has(registration) && <p className="note bad">{t("trunk_bad", { reason: reason || registration })}</p>}
      {!WELL.has(ping) && <p className="note bad">{t("trunk_silent", { reason: ping_reason || ping })}</p>}
      {max_calls !== null && calls >= max_calls && <p className="note warn">{t("trunk_full")}</p>}
      <dl className="pairs">
        <dt>{t("registration")}</dt>
        <dd><Word word={registration} none={t("none")} /> {expires_in_s !== null && <span className="muted small">{t("expires", { time: duration(expires_in_s) })}</span>}</dd>
        <dt>{t("ping")}</dt>
        <dd><Word word={ping} none={t("none")} /> {round_trip_s !== null && <span className="muted small">{t("round_trip", { ms: Math.round(1000 * round_trip_s) })}</span>}</dd>
        <dt>{t("calls")}</dt><dd className="figure">{calls} {max_calls !== null && t("of", { n: max_calls })}</dd>
        {addresses.length > 0 && <><dt>{t("addresses")}</dt><dd className="mono small">{addresses.join(", ")}</dd></>}
        {last_error !== "" && <><dt>{t("last_error")}</dt><dd className="small">{last_error}</dd></>}
      </dl>
    </>
  );
}

function Word({ word, none }: { word: string; none: string }) {
  if (word === "") return <span className="muted">{none}</span>;
  return <span className={`pill ${WELL.has(word) ? "good" : "bad"}`}>{word}</span>;
}
