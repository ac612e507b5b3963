import { ApiError } from "../../base/api";

export const CHECKS = ["control", "plane", "workers", "clock", "database", "spool", "recordings", "menus", "lines", "accounts", "channels"] as const;
export type CheckName = (typeof CHECKS)[number];

export interface Health {
  state: "ok" | "degraded" | "draining" | "failing";
  checks: Record<CheckName, { ok: boolean; detail: string }>;
  workers: { worker: number; ready: boolean; streams: number; in_use: number; free: number }[];
}

/** What /health says, also with 503: then it has the same shape. */
export async function askHealth(signal?: AbortSignal): Promise<Health> {
  let response: Response;
  try {
    response = await fetch("/health", { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", "");
  }
  return (await response.json()) as Health;
}
