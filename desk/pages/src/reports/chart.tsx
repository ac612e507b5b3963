import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

/** One row of values along the same x; `kind` as it is drawn. */
export interface Series { label: string; values: readonly (number | null)[]; colour: string; kind: "bars" | "line"; percent?: boolean }

interface Drawn { labels: readonly string[]; series: readonly Series[]; label: string; onPick?: ((index: number) => void) | undefined; height?: number; top?: number | undefined }

/** A chart for the eye alone: screen readers have the table beside it. Bars stand on each other in the order given. */
export function Chart({ labels, series, label, onPick, height = 220, top }: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const themed = useThemed();
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    if (width === 0 || labels.length === 0) return;
    const plot = new uPlot(options(width, height, labels, series, themed, (index) => pick.current?.(index), top), dataOf(labels, series), place.current!);
    return () => plot.destroy();
  }, [width, height, labels, series, themed, top]);
  return <div ref={place} className={`chart ${onPick === undefined ? "" : "picked"}`} role="img" aria-label={label} style={{ minHeight: height }} />;
}

function options(width: number, height: number, labels: readonly string[], series: readonly Series[], themed: string, pick: (index: number) => void, top: number | undefined): uPlot.Options {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = series.some((one) => one.percent);
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  void themed;     // it says only that the colours are others
  const bars = uPlot.paths.bars!({ size: [0.72, 64], radius: 0.12 });
  return {
    width, height, legend: { show: false }, padding: [12, 12, 0, 0],
    cursor: { points: { show: false }, drag: { x: false, y: false }, y: false },
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_plot, _low, high) => [0, top ?? Math.max(1, high * 1.08)] } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, splits: () => splitsOf(labels.length, width), values: (_plot, at) => at.map((each) => labels[each] ?? "") },
      { ...axis, size: 46, values: (_plot, at) => at.map((each) => (percent ? `${Math.round(each * 100)} %` : Number.isInteger(each) ? String(each) : "")) },
    ],
    // the highest of a pile is drawn first, so that the lower ones lie over it
    series: [{}, ...series.map((one): uPlot.Series => one.kind === "bars"
      ? { label: one.label, stroke: colour(one.colour), fill: colour(one.colour), width: 0, paths: bars, points: { show: false } }
      : { label: one.label, stroke: colour(one.colour), width: 2.5, spanGaps: true, points: { show: true, size: 8, fill: colour("--surface"), stroke: colour(one.colour) } })],
    hooks: {
      ready: [(plot) => plot.over.addEventListener("click", () => { if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) pick(plot.cursor.idx); })],
    },
  };
}

/** Labels that have room beside each other. */
function splitsOf(count: number, width: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, Math.floor((width - 60) / 56))));
  return Array.from({ length: Math.ceil(count / step) }, (_one, index) => index * step);
}

/** Bars are piled up: each series is drawn with what stands below it, the whole pile first. */
function dataOf(labels: readonly string[], series: readonly Series[]): uPlot.AlignedData {
  return [labels.map((_label, index) => index), ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
}

/** Series for a pile: the first lies at the bottom. They come in the order in which they are drawn. */
export function piled(series: readonly Series[]): Series[] {
  const sums: number[] = [];
  return series.map((one) => ({
    ...one, values: one.values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))) })).reverse();
}

function useWidth(place: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => { if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width)); });
    watcher.observe(place.current!);
    return () => watcher.disconnect();
  }, [place]);
  return width;
}

/** Changes with the theme, whoever changes it. */
function useThemed(): string {
  const [themed, set] = useState("");
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const look = () => set(`${document.documentElement.dataset["theme"] ?? ""}${dark.matches}`);
    const watcher = new MutationObserver(look);
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    dark.addEventListener("change", look);
    look();
    return () => {
      watcher.disconnect();
      dark.removeEventListener("change", look);
    };
  }, []);
  return themed;
}
