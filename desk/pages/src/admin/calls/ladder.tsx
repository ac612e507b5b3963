import type { TraceRow } from "./calls";

const TIME = 76, STEP = 240, ROW = 26, HEAD = 30;       // px

/** The messages of a call: a post for each party, an arrow for each message. */
export function Ladder({ rows, label }: { rows: TraceRow[]; label: string }) {
  const parties = [...new Set(rows.flatMap(({ source, target }) => [source, target]))];
  const at = (party: string) => TIME + STEP * parties.indexOf(party) + STEP / 2;
  const begin = rows[0]?.at ?? 0;
  const width = TIME + STEP * parties.length, height = HEAD + ROW * rows.length + 8;
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      <div className="ladder">
        <svg width={width} height={height} role="img" aria-label={label}>
          {parties.map((party) => (
            <g key={party}>
              <text className="name" x={at(party)} y={18} textAnchor="middle">{cut(party, 26)}<title>{party}</title></text>
              <line x1={at(party)} x2={at(party)} y1={HEAD - 4} y2={height} />
            </g>
          ))}
          {rows.map((row, index) => <Arrow key={index} row={row} y={HEAD + ROW * index + 18} from={at(row.source)} to={at(row.target)} time={row.at - begin} />)}
        </svg>
      </div>
    </div>
  );
}

function Arrow({ row, y, from, to, time }: { row: TraceRow; y: number; from: number; to: number; time: number }) {
  const bad = /^[456]\d\d /.test(row.text) ? "bad" : "";
  const direction = to > from ? -1 : 1;
  return (
    <g>
      <title>{`${time.toFixed(3)} s: ${row.text}`}</title>
      <text className="time" x={4} y={y + 4}>{time.toFixed(3)}</text>
      {from === to ? (
        <>
          <circle cx={from} cy={y} r={3} />
          <text x={from + 8} y={y + 4}>{cut(row.text, 60)}</text>
        </>
      ) : (
        <>
          <line className={`arrow ${bad}`} x1={from} x2={to + 6 * direction} y1={y + 4} y2={y + 4} />
          <path className={bad} d={`M${to},${y + 4} l${8 * direction},-4 l0,8 z`} />
          <text x={(from + to) / 2} y={y} textAnchor="middle">{cut(row.text, Math.round(Math.abs(to - from) / 7.4))}</text>
        </>
      )}
    </g>
  );
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}
