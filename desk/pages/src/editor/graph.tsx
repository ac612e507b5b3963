import { Controls, MarkerType, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow, type Edge } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo, useState } from "react";
import { Empty, ErrorNote } from "../base/parts";
import { useWords } from "../base/words";
import { MenuCard, type CardNode } from "./card";
import { useHeat, type Span } from "./heat";
import { placed, WIDTH, type Placed } from "./layout";
import type { Graph } from "./types";
import { useWide } from "./use_wide";
import { WORDS, type Word } from "./words";

const TYPES = { card: MenuCard };
const SETTLES = 60;     // ms until cards that are new have been measured
const SPANS: readonly { span: Span; word: Word }[] = [
  { span: 0, word: "heat_off" }, { span: 48, word: "heat_day" }, { span: 168, word: "heat_week" }, { span: 720, word: "heat_month" },
];

interface GraphProps {
  graph: Graph;
  drawn: boolean;
  /** Names of cards: where the cursor is, and where the simulated caller is. */
  here: string;
  caller: string;
  onGo: (file: string, line: number) => void;
}

export function GraphView(props: GraphProps) {
  return <ReactFlowProvider><Drawing {...props} /></ReactFlowProvider>;
}

function Drawing({ graph, drawn, here, caller, onGo }: GraphProps) {
  const t = useWords(WORDS);
  const [span, setSpan] = useState<Span>(0);
  const [search, setSearch] = useState("");
  const { heat, error } = useHeat(graph.root, span);
  const flow = useReactFlow();
  const wanted = search.trim().toLowerCase();
  const found = useMemo(() => matching(graph, wanted), [graph, wanted]);
  // A thousand cards take a second to place: only where ways have changed.
  const ways = JSON.stringify(graph.menus.map(({ name, rows }) => [name, rows.map(({ menus }) => menus)]));
  const places = useMemo(() => new Map(placed(graph, span !== 0).map((one) => [one.card.name, one])), [ways, span !== 0]);
  const nodes = useMemo<CardNode[]>(() => graph.menus.filter(({ name }) => places.has(name)).map((card) => ({
    id: card.name, type: "card", position: { x: places.get(card.name)!.x, y: places.get(card.name)!.y }, width: WIDTH, height: places.get(card.name)!.height,
    data: {
      card, onGo, start: card.name === graph.start, here: card.name === here, caller: card.name === caller,
      found: found.includes(card.name), now: heat?.now?.[card.name] ?? null,
      heat: span === 0 ? undefined : heat?.menus[card.name] ?? null,
    },
  })), [places, graph, here, caller, found, heat, span, onGo]);
  const edges = useMemo(() => edgesOf(graph), [graph]);

  const shape = graph.menus.map(({ name }) => name).join(" ");
  useEffect(() => {
    const wait = setTimeout(() => { void flow.fitView({ padding: 0.08, maxZoom: 1 }); }, SETTLES);
    return () => clearTimeout(wait);
  }, [shape, flow, span === 0, heat === null]);
  const wide = useWide();
  useEffect(() => {
    const wait = setTimeout(() => { void flow.fitView({ padding: 0.08, maxZoom: 1 }); }, SETTLES);
    return () => clearTimeout(wait);
  }, [wide, flow]);
  useEffect(() => { if (here !== "") bringIn(flow, places.get(here)); }, [here, flow]);
  useEffect(() => { if (caller !== "") void flow.fitView({ nodes: [{ id: caller }], maxZoom: 0.9, padding: 0.6 }); }, [caller, flow]);
  useEffect(() => { if (found.length > 0) void flow.fitView({ nodes: found.map((id) => ({ id })), maxZoom: 1, padding: 0.3 }); }, [found, flow]);

  return (
    <div className="graph">
      <div className="graph-bar">
        <input type="search" value={search} placeholder={t("search_menu")} aria-label={t("search_menu")} onChange={(event) => setSearch(event.target.value)} />
        <label className="row">{t("heat")}
          <select value={span} onChange={(event) => setSpan(Number(event.target.value) as Span)}>
            {SPANS.map(({ span: each, word }) => <option key={each} value={each}>{t(word)}</option>)}
          </select>
        </label>
        <button className="small" onClick={() => void flow.fitView({ padding: 0.08, maxZoom: 1 })}>{t("fit")}</button>
      </div>
      {!drawn && <p className="note warn small" role="status">{t("not_drawn")}</p>}
      <ErrorNote error={error} />
      {span !== 0 && heat !== null && <Legend calls={heat.calls} away={heat.now === null} />}
      <div className={drawn ? "canvas" : "canvas old"}>
        <ReactFlow<CardNode> nodes={nodes} edges={edges} nodeTypes={TYPES} fitView fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
                   minZoom={0.04} maxZoom={1.6} nodesDraggable={false} nodesConnectable={false} nodesFocusable={false} edgesFocusable={false}
                   elementsSelectable={false} onlyRenderVisibleElements={nodes.length > 60} proOptions={{ hideAttribution: true }} disableKeyboardA11y>
          <Controls showInteractive={false} />
          {nodes.length > 16 && <MiniMap pannable zoomable ariaLabel={null} nodeClassName={(node) => node.data.here === true ? "here" : ""} />}
        </ReactFlow>
      </div>
    </div>
  );
}

/** The card of the cursor is shown, unless it can be read where it is. */
function bringIn(flow: ReturnType<typeof useReactFlow>, one: Placed | undefined): void {
  if (one === undefined) return;
  const { zoom } = flow.getViewport();
  const corner = flow.flowToScreenPosition({ x: one.x, y: one.y });
  const end = flow.flowToScreenPosition({ x: one.x + WIDTH, y: one.y + one.height });
  const canvas = document.querySelector(".canvas")?.getBoundingClientRect();
  const seen = canvas !== undefined && corner.x >= canvas.left && corner.y >= canvas.top && end.x <= canvas.right && end.y <= canvas.bottom;
  if (!seen || zoom < 0.5) void flow.setCenter(one.x + WIDTH / 2, one.y + one.height / 2, { zoom: Math.max(zoom, 0.75) });
}

/** The menu of this name, else those whose name or words have it in them. */
function matching(graph: Graph, wanted: string): string[] {
  if (wanted === "") return [];
  const names = graph.menus.map(({ name }) => name);
  if (names.includes(wanted)) return [wanted];
  return graph.menus.filter(({ name, says }) => `${name} ${Object.values(says).join(" ")}`.toLowerCase().includes(wanted)).map(({ name }) => name);
}

function Legend({ calls, away }: { calls: number; away: boolean }) {
  const t = useWords(WORDS);
  return (
    <div className="legend small">
      {calls === 0 ? <Empty>{t("heat_none")}</Empty> : (
        <p className="row">
          {["0 %", "< 5 %", "< 12 %", "< 25 %", "≥ 25 %"].map((label, step) => <span key={label} className={`swatch heat-${step}`}>{label}</span>)}
          <span className="muted">{t("heat_legend")}</span>
        </p>
      )}
      {away && <p className="muted">{t("heat_away")}</p>}
    </div>
  );
}

/** A curve for each key that leads on; ways back are dotted. */
function edgesOf(graph: Graph): Edge[] {
  const there = new Set(graph.menus.map(({ name }) => name));
  return graph.menus.flatMap((card) => card.rows.flatMap((row) => row.menus.filter(({ name }) => there.has(name)).map(({ name, back }) => ({
    id: `${card.name}\n${row.slot}\n${name}`, source: card.name, sourceHandle: row.slot, target: name, targetHandle: "in",
    className: back ? "back" : row.keys === "" ? "failure" : "", focusable: false,
    markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
  }))));
}
