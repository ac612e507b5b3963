import { api } from "../../base/api";
import { useAsked } from "../../base/parts";
import { duration, useMoments, useWords } from "../../base/words";
import { Player } from "../shared";
import type { Recording } from "./calls";
import { WORDS, type CallWord } from "./words";

interface Use {
  at: string;
  who: string;
  what: string;
}

/** The recordings of a call, to be heard; who did is written down, and shown. */
export function Recordings({ recordings }: { recordings: Recording[] }) {
  const t = useWords(WORDS);
  return (
    <section className="card stack">
      <h2>{t("recordings")}</h2>
      {recordings.map((one) => <One key={one.id} recording={one} />)}
    </section>
  );
}

function One({ recording }: { recording: Recording }) {
  const t = useWords(WORDS);
  const { both } = useMoments();
  const path = `/api/recordings/${encodeURIComponent(recording.id)}`;
  const { value } = useAsked((signal) => api.get<{ uses: Use[] }>(path, {}, signal), [path]);
  const { began_at, seconds, why, erased_at, erased_by, ended_at } = recording;
  return (
    <div className="stack">
      <span className="row">
        <strong>{both(began_at)}</strong><span className="pill">{t(why as CallWord)}</span>
        {seconds !== null && <span className="figure muted">{duration(seconds)}</span>}
      </span>
      {erased_at !== null ? <p className="muted">{t("not_there", { by: erased_by ?? "" })}</p>
        : ended_at !== null && <Player src={`${path}/audio`} label={both(began_at)} />}
      <details className="small">
        <summary>{t("who_heard")}</summary>
        {value === undefined || value.uses.length === 0 ? <p className="muted">{t("nobody_heard")}</p> : (
          <ul>{value.uses.map(({ at, who, what }) => <li key={`${at}${who}`}>{both(at)}: {who} ({what === "fetched" || what === "erased" ? t(what) : what})</li>)}</ul>
        )}
      </details>
    </div>
  );
}
