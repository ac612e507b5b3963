import { api } from "../base/api";
import { useAsked } from "../base/parts";
import type { Titles } from "../base/titled";

/** Titles of topics, by their path. */
export function useTopics(): Record<string, Titles> {
  return useAsked((signal) => api.get<{ topics: Record<string, Titles> }>("/api/topics", {}, signal), []).value?.topics ?? {};
}
