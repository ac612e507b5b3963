import { useEffect, useState } from "react";
import { oneLine } from "../base/harmless";
import { api } from "../base/api";
import { useChannels } from "../base/channels";
import { useNames } from "../base/names";
import { Dialog, Empty, ErrorNote, Loading } from "../base/parts";
import { Link } from "../base/router";
import { useTitles } from "../base/titles";
import { duration, useMoments, useWords } from "../base/words";
import { callsPath, type Asked, type Behind as Wanted } from "./asked";
import { WORDS } from "./words";

interface Listed {
  id: string; began_at: string; caller_number: string | null; caller_name: string | null; queue: string; operator: string;
  wait_time: number | null; talk_time: number | null; outcome: string | null; times: number; channel: string;
}
interface Page { count: number; calls: number; items: Listed[]; next_offset: number | null }

/** The calls behind a figure, the newest first. */
export function Behind({ asked, wanted, what, outcome, onClose }:
    { asked: Asked; wanted: Wanted; what: string; outcome: (name: string) => string; onClose: () => void }) {
  const t = useWords(WORDS);
  const [page, show] = useState<Page>();
  const [error, fail] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const offset = turn === 0 ? 0 : page?.next_offset ?? 0;
  useEffect(() => {
    const stop = new AbortController();
    fail(null);
    api.get<Page>(callsPath(asked, wanted, offset), {}, stop.signal).then(
      (found) => show((before) => ({ ...found, items: [...(offset === 0 ? [] : before?.items ?? []), ...found.items] })),
      (failed) => { if (!stop.signal.aborted) fail(failed); });
    return () => stop.abort();
    // `offset` follows from what `turn` asks for
  }, [turn]);
  return (
    <Dialog title={t("calls_behind", { what, n: page?.count ?? wanted.number })} onClose={onClose} wide>
      <ErrorNote error={error} again={() => setTurn((n) => n + 1)} />
      {page === undefined ? error === null && <Loading /> : <Rows page={page} outcome={outcome} />}
      {page !== undefined && page.next_offset !== null && <button onClick={() => setTurn((n) => n + 1)}>{t("more")}</button>}
    </Dialog>
  );
}

function Rows({ page, outcome }: { page: Page; outcome: (name: string) => string }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const { both } = useMoments();
  const named = useNames();
  const channel = useChannels();
  if (page.items.length === 0) return <Empty>{t("no_calls")}</Empty>;
  return (
    <>
      {page.calls !== page.count && <p className="muted small">{t("in_calls", { n: page.calls })}</p>}
      <div className="scroll">
        <table className="behind" data-count={page.count}>
          <thead>
            <tr><th scope="col">{t("began")}</th><th scope="col">{t("caller")}</th><th scope="col">{t("queue")}</th><th scope="col">{t("operator")}</th>
              <th scope="col">{t("wait")}</th><th scope="col">{t("talk")}</th><th scope="col">{t("outcome")}</th></tr>
          </thead>
          <tbody>
            {page.items.map((call) => (
              <tr key={call.id} data-call={call.id}>
                <td><Link to={`/admin/calls/${encodeURIComponent(call.id)}`} aria-label={`${t("open_call")} ${both(call.began_at)}`}>{both(call.began_at)}</Link>
                  {call.times > 1 && <span className="under">{t("times", { n: call.times })}</span>}</td>
                <td>{call.caller_number ?? <span className="muted">{call.channel === "voice" ? t("erased") : channel(call.channel)}</span>}{call.caller_name && <span className="under">{oneLine(call.caller_name)}</span>}</td>
                <td>{call.queue ? called.queue(call.queue) : "–"}</td>
                <td>{named(call.operator) || "–"}</td>
                <td>{call.wait_time === null ? "–" : duration(call.wait_time)}</td>
                <td>{call.talk_time === null ? "–" : duration(call.talk_time)}</td>
                <td>{call.outcome === null ? t("in_progress") : outcome(`visits_${call.outcome}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
