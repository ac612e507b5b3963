export interface Finding {
  code: string;
  severity: "error" | "warning";
  message: string;
  remedy: string;
}

export interface Use {
  file: string;
  path: string;
  line: number;
  menu: string;
}

export interface Prompt {
  clip: string;
  language: string;
  text: string;
  prompt: string;
  used: boolean;
  there: boolean;
  made_by: "engine" | "person" | "unknown" | "";
  uses: Use[];
  seconds: number | null;
  level_dbov: number | null;
  takes: string[];
  findings: Finding[];
}

export interface Prompts {
  languages: string[];
  engines: Record<string, boolean>;
  clips: Prompt[];
}

export type Filter = "every" | "faulty" | "missing" | "unused";

export const FILTERS: Record<Filter, (prompt: Prompt) => boolean> = {
  every: () => true,
  faulty: ({ findings }) => findings.length > 0,
  missing: ({ used, there }) => used && !there,
  unused: ({ used }) => !used,
};

/** What an engine would make: files that are missing, and its own that say an older text. */
export function toRender(prompts: readonly Prompt[], engines: Record<string, boolean>): Prompt[] {
  return prompts.filter(({ used, text, there, made_by, language, findings, clip }) =>
    used && text.trim() !== "" && clip.endsWith(".wav") && engines[language] === true &&
    (!there || (made_by === "engine" && findings.some(({ code }) => code === "prompt-retold"))));
}

export function matches({ clip, text, prompt }: Prompt, wanted: string): boolean {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter((word) => word !== "");
  const said = `${clip} ${prompt} ${text}`.toLocaleLowerCase();
  return words.every((word) => said.includes(word));
}

/** A language's folder, or music: under which tab a sound stands. */
export function tabOf({ clip, language }: Prompt, languages: readonly string[]): string {
  if (language !== "") return language;
  const folder = clip.split("/", 1)[0] ?? "";
  return languages.includes(folder) ? folder : "music";
}
