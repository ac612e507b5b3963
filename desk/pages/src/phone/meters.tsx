import { useWords } from "../base/words";
import type { Meters } from "./phone";
import { useMeters } from "./use_phone";
import type { PhoneKind } from "./wire";
import { WORDS } from "./words";

const FLOOR = -54;           // dB below full scale: silence
const GOOD_MS = 150;         // round trip
const FAIR_MS = 400;

/** How loud both sides are, and how the network does. */
export function PhoneMeters({ kind, lost, other }: {
  kind: PhoneKind;
  lost: number;
  /** What the other side is called. */
  other?: string;
}) {
  const t = useWords(WORDS);
  const meters = useMeters(kind);
  return (
    <div className="meters">
      <Level label={t("you")} told={t("level_of", { who: t("you") })} level={meters.microphone} />
      <Level label={other ?? t("other")} told={t("level_of", { who: other ?? t("other") })} level={meters.ear} />
      <Network meters={meters} lost={lost} />
    </div>
  );
}

function Level({ label, told, level }: { label: string; told: string; level: number }) {
  const share = level <= 0 ? 0 : Math.max(0, Math.min(1, (20 * Math.log10(level) - FLOOR) / -FLOOR));
  return (
    <span className="level">
      <span aria-hidden="true">{label}</span>
      <meter aria-label={told} min={0} max={1} high={0.95} value={Math.round(share * 100) / 100} />
    </span>
  );
}

function Network({ meters, lost }: { meters: Meters; lost: number }) {
  const t = useWords(WORDS);
  const gone = lost + meters.skipped;
  const ms = meters.round_trip_ms;
  const fair = ms !== null && ms <= FAIR_MS && gone <= 50;
  const good = fair && ms <= GOOD_MS && gone <= 5 && meters.underruns <= 3;
  const state = ms === null ? "unknown" : good ? "good" : fair ? "fair" : "bad";
  const words = t(`network_${state}`, { ms: ms ?? 0, lost: gone });
  return (
    <span className={`network ${state}`} role="img" aria-label={words} title={words}>
      <i /><i /><i />
    </span>
  );
}
