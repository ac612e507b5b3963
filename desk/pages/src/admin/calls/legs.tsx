import { useNames } from "../../base/names";
import { useLanguage, useWords } from "../../base/words";
import { percent, type Leg } from "./calls";
import { partyWords } from "./code_words";
import { WORDS } from "./words";

/** How the audio of each leg was, in both directions. */
export function Legs({ legs }: { legs: Leg[] }) {
  const t = useWords(WORDS);
  return (
    <section className="card">
      <h2>{t("quality")}</h2>
      {legs.length === 0 ? <p className="muted">{t("no_legs")}</p> : (
        <div className="scroll" role="region" aria-label={t("quality")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("leg")}</th><th scope="col">{t("codec")}</th><th scope="col">{t("mos")}</th><th scope="col">{t("lost")}</th>
                <th scope="col">{t("jitter")}</th><th scope="col" className="right">{t("round_trip")}</th>
              </tr>
            </thead>
            <tbody>{legs.map((leg, at) => <Row key={at} leg={leg} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ leg: { party, codec, encrypted, figures: f } }: { leg: Leg }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const named = useNames();
  const ms = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} ${language === "ru" ? "мс" : "ms"}`);
  const came = f.packets_received - f.duplicates;
  const both = (here: React.ReactNode, there: React.ReactNode) => (
    <><div className="use">{here} <span className="muted small">{t("to_us")}</span></div><div className="use">{there} <span className="muted small">{t("to_them")}</span></div></>
  );
  return (
    <tr>
      <td><strong>{partyWords(language, party, named)}</strong></td>
      <td>{codec}{encrypted && <div><span className="pill good">{t("encrypted")}</span></div>}</td>
      <td>{both(<Mos value={f.mos_in} />, <Mos value={f.mos_out} />)}</td>
      <td>{both(percent(f.packets_lost, came + f.packets_lost), percent(f.remote_lost, f.packets_sent))}</td>
      <td>{both(ms(f.jitter_ms), ms(f.remote_jitter_ms))}</td>
      <td className="right">{ms(f.round_trip_ms)}</td>
    </tr>
  );
}

/** The scale of ITU-T G.107: 4 is what a good line has, below 3.1 nearly all are dissatisfied. */
function Mos({ value }: { value: number | null }) {
  if (value === null) return <>–</>;
  return <span className={`pill ${value >= 3.6 ? "good" : value >= 3.1 ? "warn" : "bad"}`}>{value.toFixed(1)}</span>;
}
