import { api } from "../base/api";
import type { Checked, Compared, Drafts, Heat, MenuFile, MenuText, Published, Running, Tested, VersionShown, Walked } from "./types";

export const ABSENT = "0".repeat(16);

export interface WalkAsked {
  root: string;
  steps: readonly string[];
  language: string;
  caller: string;
  at: string;
}

export const server = {
  files: (signal?: AbortSignal) => api.get<{ files: MenuFile[] }>("/api/menus/files", {}, signal).then(({ files }) => files),
  text: (file: string, signal?: AbortSignal) => api.get<MenuText>("/api/menus/files/text", { file }, signal),
  check: (drafts: Drafts, root: string) => api.post<Checked>("/api/menus/drafts/check", { drafts, root }),
  compare: (old: string, text: string) => api.post<Compared>("/api/menus/drafts/compare", { old, new: text }),
  test: (drafts: Drafts, menu: string) => api.post<Tested>("/api/menus/drafts/test", { drafts, menu }),
  walk: (drafts: Drafts, asked: WalkAsked) => api.post<Walked>("/api/menus/drafts/walk", { drafts, ...asked }),
  publish: (files: { file: string; version: string; text: string }[], note: string) =>
    api.post<Published>("/api/menus/files/publish", { files, note }),
  history: (file: string, signal?: AbortSignal) =>
    api.get<{ versions: VersionShown[] }>("/api/menus/history", { file }, signal).then(({ versions }) => versions),
  oldText: (file: string, version: string) => api.get<MenuText>("/api/menus/history/text", { file, version }),
  rollBack: (file: string, to: string, version: string, note: string) =>
    api.post<Published>("/api/menus/history/roll-back", { file, to, version, note }),
  heat: (file: string, hours: number, signal?: AbortSignal) => api.get<Heat>("/api/menus/heat", { file, hours }, signal),
  running: () => api.get<Running>("/api/menus"),
  queues: () => api.get<{ queues: { name: string }[] }>("/api/queues").then(({ queues }) => queues.map(({ name }) => name)),
};
