import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useLanguage, useWords } from "../base/words";
import { dropOff, heatClass } from "./heat";
import type { Card, MenuHeat, Row } from "./types";
import { WORDS } from "./words";

export interface CardData extends Record<string, unknown> {
  card: Card;
  start: boolean;
  /** The cursor stands in it, or the simulated caller. */
  here: boolean;
  caller: boolean;
  found: boolean;
  /** Undefined: not shown. */
  heat: MenuHeat | null | undefined;
  now: number | null;
  onGo: (file: string, line: number) => void;
}
export type CardNode = Node<CardData, "card">;

/** A menu: what callers hear, and a row with a handle for each key. */
export const MenuCard = memo(function MenuCard({ data }: NodeProps<CardNode>) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const { card, heat } = data;
  const says = card.says[language] ?? Object.values(card.says)[0] ?? "";
  const classes = ["menu-card", data.here && "here", data.caller && "caller", data.found && "found", !card.reached && "unreached",
    heat !== undefined && heatClass(heat ?? undefined)].filter(Boolean).join(" ");
  return (
    <article className={classes} aria-label={card.name}>
      <Handle type="target" position={Position.Left} id="in" isConnectable={false} />
      <button className="menu-head nodrag" onClick={() => data.onGo(card.file, card.line)}>
        <strong>{card.name}</strong>
        {data.start && <span className="tag">{t("start")}</span>}
        {!card.reached && <span className="tag warn">{t("unreached")}</span>}
        {data.caller && <span aria-hidden="true">☎</span>}
      </button>
      <p className="menu-says" title={says}>{says}</p>
      {heat !== undefined && <Figures heat={heat} now={data.now} />}
      {card.rows.map((row) => <KeyRow key={row.slot} card={card} row={row} count={heat?.keys[row.slot]} onGo={data.onGo} />)}
    </article>
  );
});

function Figures({ heat, now }: { heat: MenuHeat | null; now: number | null }) {
  const t = useWords(WORDS);
  const { entered = 0, hung_up: hung = 0, contained = 0, queued = 0 } = heat ?? {};
  return (
    <p className="menu-heat figure" title={t("heat_left_title", { hung, contained, queued })}>
      {now !== null && now > 0 && <span className="tag now">{t("heat_now", { n: now })}</span>}
      <span>{t("heat_came", { n: entered })}</span>
      {entered > 0 && <span>{t("heat_left", { n: Math.round(100 * dropOff(heat ?? undefined)) })}</span>}
    </p>
  );
}

function KeyRow({ card, row, count, onGo }: { card: Card; row: Row; count: number | undefined; onGo: CardData["onGo"] }) {
  const t = useWords(WORDS);
  const keys = row.keys !== "" ? row.keys : row.slot === "do" ? t("at_once") : t("no_key");
  return (
    <button className={`menu-row nodrag ${row.kind}`} onClick={() => onGo(card.file, row.line)} title={row.does}>
      <span className={row.keys === "" ? "key none" : "key"}>{keys}</span>
      <span className="does">{row.does}</span>
      {count !== undefined && <span className="count figure">{count}</span>}
      {row.menus.length > 0 && <Handle type="source" position={Position.Right} id={row.slot} isConnectable={false} />}
    </button>
  );
}
