/** What /api/menus/* says; the descriptions stand in /openapi.json. */
export type Kind = "menu" | "dialogues" | "announcements" | "hours" | "topics";

export interface MenuFile {
  file: string;
  kind: Kind;
  exists: boolean;
  version: string;
  changed_at: string | null;
  author: string;
  lines: string[];
  roots: string[];
  menu: string;
  unreadable: string;
}

export interface MenuText {
  file: string;
  version: string;
  text: string;
  changed_at: string | null;
  author: string;
}

export interface Finding {
  code: string;
  severity: "error" | "warning";
  file: string;
  line: number;
  column: number;
  message: string;
  remedy: string;
}

export interface Way {
  name: string;
  back: boolean;
}

export interface Row {
  slot: string;
  keys: string;
  does: string;
  kind: string;
  ends: string[];
  line: number;
  menus: Way[];
}

export interface Card {
  name: string;
  local: string;
  file: string;
  column: number;
  line: number;
  reached: boolean;
  says: Record<string, string>;
  rows: Row[];
}

export interface Graph {
  root: string;
  version: string;
  languages: string[];
  start: string;
  columns: number;
  menus: Card[];
}

export interface Checked {
  /** Those that drafts alone lead to are among them. */
  files: Pick<MenuFile, "file" | "kind" | "exists" | "lines" | "roots" | "menu">[];
  findings: Finding[];
  more: number;
  errors: number;
  warnings: number;
  blocking: Finding[];
  versions: Record<string, string>;
  graph: Graph | null;
}

export interface Told {
  at: number;
  kind: "heard" | "done";
  text: string;
  prompt: string;
  language: string;
  cut: boolean;
}

export interface Walked {
  faults: Finding[];
  story: Told[];
  menu: string;
  path: string[];
  over: boolean;
  seconds: number;
  where: string;
  outcome: string;
  recorded: boolean;
  options: { keys: string; does: string }[];
  unanswered: string[];
}

export interface TestedFile {
  file: string;
  menu: string;
  seconds: number;
  dialogues: {
    dialogue: string;
    on: "voice" | "text";
    line: number;
    passed: boolean;
    failures: { line: number; column: number; message: string; remedy: string }[];
    story: string[];
  }[];
  branches: { file: string; menu: string; way: string; line: number; visited: boolean }[];
}

export interface Tested {
  passed: number;
  failed: number;
  files: TestedFile[];
  faults: Finding[];
}

export interface DiffRow {
  kind: "same" | "in" | "out" | "gap";
  old: number;
  new: number;
  text: string;
}

export interface Compared {
  rows: DiffRow[];
  added: number;
  removed: number;
}

export interface VersionShown {
  version: string;
  given: string;
  at: string;
  author: string;
  published: boolean;
  note: string;
  state: "taken" | "trial" | "returned" | "replaced" | "written";
  now: boolean;
}

export interface Published {
  files: MenuText[];
  given: Record<string, string>;
  warnings: number;
  noted: boolean;
}

export interface MenuHeat {
  entered: number;
  hung_up: number;
  contained: number;
  queued: number;
  keys: Record<string, number>;
}

export interface Heat {
  menus: Record<string, MenuHeat>;
  calls: number;
  now: Record<string, number> | null;
}

export interface LineMenu {
  line: string;
  file: string;
  version: string;
  announcements: string;
  since: string | null;
  returned: string;
  trial: { version: string; percent: number } | null;
}

export interface Running {
  lines: LineMenu[];
  refused: string[];
  refused_at: string | null;
  waiting_for_sounds: number;
}

export type Drafts = Readonly<Record<string, string>>;
