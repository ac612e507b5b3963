import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { guardLeaving } from "../base/router";
import { keepDraft, keptDraft, keptFiles } from "./kept";
import { ABSENT, server } from "./server";
import type { Drafts, MenuFile, MenuText } from "./types";

interface Draft {
  /** Of the text that it was made from. */
  version: string;
  text: string;
}

export interface Texts {
  /** As the server has them, by file. */
  stored: Readonly<Record<string, MenuText>>;
  drafts: Drafts;
  /** Files whose draft was made from another version than the server has by now. */
  behind: readonly string[];
  /** Whether the browser keeps what is typed. */
  kept: boolean;
  error: unknown;
  textOf: (file: string) => string | undefined;
  open: (file: string) => Promise<void>;
  write: (file: string, text: string) => void;
  discard: (file: string) => void;
  /** Go on with the own text as if it were made from what the server has. */
  keepMine: (file: string) => void;
  /** These were published, or read anew. */
  took: (files: readonly MenuText[]) => void;
  madeFrom: (file: string) => string;
}

/** The texts of this page: what is stored, and what was typed since. */
export function useTexts(files: readonly MenuFile[] | undefined, leaveAsk: string): Texts {
  const [stored, setStored] = useState<Record<string, MenuText>>({});
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const [kept, setKept] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const opening = useRef(new Set<string>());

  const took = useCallback((fresh: readonly MenuText[]) => {
    setStored((had) => ({ ...had, ...Object.fromEntries(fresh.map((one) => [one.file, one])) }));
    setDrafts((had) => {
      const left = { ...had };
      for (const one of fresh)
        if (left[one.file]?.text === one.text) {
          delete left[one.file];
          keepDraft(one.file, null);
        }
      return left;
    });
  }, []);

  const exists = useRef(new Set<string>());
  exists.current = new Set(files?.filter((one) => one.exists).map(({ file }) => file));
  const open = useCallback(async (file: string) => {
    if (opening.current.has(file)) return;
    opening.current.add(file);
    try {
      const found = exists.current.has(file) ? await server.text(file) : { file, version: ABSENT, text: "", changed_at: null, author: "" };
      const draft = keptDraft(file);
      if (draft !== null && draft.text !== found.text) setDrafts((had) => ({ [file]: draft, ...had }));
      else if (draft !== null) keepDraft(file, null);
      took([found]);
      setError(null);
    } catch (failed) {
      setError(failed);
    } finally {
      opening.current.delete(file);
    }
  }, [took]);

  // Drafts of other files count too: a menu may lead to them.
  useEffect(() => {
    const there = new Set(files?.map(({ file }) => file));
    for (const file of keptFiles()) if (there.has(file)) void open(file);
  }, [files, open]);

  const write = useCallback((file: string, text: string) => {
    setStored((had) => {
      const original = had[file];
      setDrafts((drafted) => {
        const left = { ...drafted };
        if (original?.text === text) delete left[file];
        else left[file] = { version: drafted[file]?.version ?? original?.version ?? ABSENT, text };
        setKept(keepDraft(file, left[file] ?? null));
        return left;
      });
      return had;
    });
  }, []);

  const discard = useCallback((file: string) => {
    keepDraft(file, null);
    setDrafts((had) => {
      const left = { ...had };
      delete left[file];
      return left;
    });
  }, []);

  const keepMine = useCallback((file: string) => {
    setDrafts((had) => {
      const mine = had[file];
      if (mine === undefined) return had;
      const rebased = { ...mine, version: stored[file]?.version ?? ABSENT };
      keepDraft(file, rebased);
      return { ...had, [file]: rebased };
    });
  }, [stored]);

  const unsaved = Object.keys(drafts).length > 0;
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    guardLeaving((to) => to.startsWith("/admin/menus") || confirm(leaveAsk));
    return () => {
      removeEventListener("beforeunload", warn);
      guardLeaving(null);
    };
  }, [unsaved, leaveAsk]);

  return useMemo(() => ({
    stored,
    drafts: Object.fromEntries(Object.entries(drafts).map(([file, { text }]) => [file, text])),
    behind: Object.entries(drafts).filter(([file, { version }]) => stored[file] !== undefined && stored[file].version !== version).map(([file]) => file),
    kept, error, open, write, discard, keepMine, took,
    textOf: (file: string) => drafts[file]?.text ?? stored[file]?.text,
    madeFrom: (file: string) => drafts[file]?.version ?? stored[file]?.version ?? ABSENT,
  }), [stored, drafts, kept, error, open, write, discard, keepMine, took]);
}
