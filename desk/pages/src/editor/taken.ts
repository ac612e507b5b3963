import { ApiError } from "../base/api";
import { server } from "./server";
import type { LineMenu, Published, Running } from "./types";
import type { Word } from "./words";

export interface Taken {
  kind: "good" | "warn" | "bad";
  word: Word;
  values: Record<string, string | number>;
  /** Nothing more comes. */
  last: boolean;
}

const TURNS = 40;           // looks, a second apart: the service takes a change up in 2 to 5 s
const QUIET = 8;            // looks after which a file that no version shows (hours, topics) counts as taken

/** What the service makes of a publication, told until it is clear. */
export async function follow(done: Published, since: number, tell: (taken: Taken) => void): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const taken = await look(done, since, turn);
    tell(taken);
    if (taken.last) return;
    await new Promise((next) => setTimeout(next, 1000));
  }
  tell({ kind: "warn", word: "taken_slow", values: {}, last: true });
}

async function look(done: Published, since: number, turn: number): Promise<Taken> {
  let running: Running;
  try {
    running = await server.running();
  } catch (error) {
    const away = error instanceof ApiError && (error.status === 503 || error.status === 0);
    return { kind: "warn", word: away ? "taken_away" : "taken_slow", values: {}, last: turn > 3 };
  }
  if (running.refused.length > 0 && running.refused_at !== null && Date.parse(running.refused_at) >= since - 2000)
    return { kind: "bad", word: "taken_refused", values: { why: running.refused[0] ?? "" }, last: true };
  if (running.waiting_for_sounds > 0) return { kind: "warn", word: "taken_sounds", values: { n: running.waiting_for_sounds }, last: false };
  return verdict(running.lines, done, turn);
}

function verdict(lines: readonly LineMenu[], done: Published, turn: number): Taken {
  const wanted = lines.filter(({ file }) => done.given[file] !== undefined);
  const on_trial = wanted.find(({ file, trial }) => trial !== null && trial.version === done.given[file]);
  if (on_trial?.trial) return { kind: "good", word: "taken_trial", values: { percent: on_trial.trial.percent }, last: true };
  const shown = done.files.every(({ file, version }) => lines.every((line) => line.announcements === version || !file.endsWith("announcements.yaml")));
  const all = wanted.length > 0 && wanted.every(({ file, version }) => version === done.given[file]) && shown;
  const menus = done.files.some(({ file }) => lines.some((line) => line.file === file)) || turn >= QUIET;
  if (all && menus) return { kind: "good", word: "taken_done", values: {}, last: true };
  return { kind: "warn", word: "taken_wait", values: {}, last: false };
}
