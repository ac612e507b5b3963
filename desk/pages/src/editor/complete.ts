import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { ACTIONS, KEYS } from "./code_words";

/** What values may be named: told by the page, since they are facts of the house and of the text. */
export interface Names {
  queues: readonly string[];
}

const VALUE = /\b(goto|start|say|prompts|greeting|queue):\s*\[?\s*([a-z0-9_, ]*)$/;
const WORD = /[a-z][a-z0-9_]*/;

/** Names after a word that takes some, else words that may stand there. */
export function completer(names: () => Names) {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (before.includes(" #")) return null;
    const typed = context.matchBefore(/[a-z0-9_]*/);
    const value = VALUE.exec(before);
    if (value !== null) return { from: typed?.from ?? context.pos, options: valuesOf(value[1]!, context.state.doc.toString(), names()), validFor: WORD };
    if (!context.explicit && (typed === null || typed.from === typed.to)) return null;
    if (!/^\s*(- )?\{?[a-z0-9_]*$/.test(before) && !/[{,]\s*[a-z0-9_]*$/.test(before)) return null;
    return { from: typed?.from ?? context.pos, options: WORDS, validFor: WORD };
  };
}

const WORDS: Completion[] = [
  ...ACTIONS.map((label) => ({ label, type: "function", apply: applied(label) })),
  ...KEYS.map((label) => ({ label, type: "property", apply: `${label}: ` })),
];

function applied(label: string): string {
  return label === "repeat" || label === "back" || label === "hangup" ? label : `${label}: `;
}

function valuesOf(word: string, text: string, names: Names): Completion[] {
  const found = word === "queue" ? names.queues : namesIn(text, word === "goto" || word === "start" ? "menus" : "prompts");
  return found.map((label) => ({ label, type: "constant" }));
}

/** The names in a part of the file: lines that stand in the second column of names below it. */
export function namesIn(text: string, part: "menus" | "prompts"): string[] {
  const names: string[] = [];
  let inside = false;
  let depth: number | null = null;
  for (const line of text.split("\n")) {
    const found = /^( *)([a-z][a-z0-9_]*):/.exec(line);
    if (found === null) continue;
    const at = found[1]!.length;
    if (at === 0) {
      inside = found[2] === part;
      depth = null;
    } else if (inside) {
      depth ??= at;
      if (at === depth) names.push(found[2]!);
    }
  }
  return names;
}
