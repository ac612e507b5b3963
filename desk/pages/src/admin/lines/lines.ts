import { api } from "../../base/api";
import type { RuleSaid } from "../hours/rules";
import { overWork, type Piece } from "../shared";

export interface Sayable {
  texts: Record<string, string>;
  clips: Record<string, string>;
}

export interface LineNow {
  line: string;
  numbers: string[];
  menu: string;
  language: string | null;
  hours: string | null;
  zone: string | null;
  open: boolean;
  rule: string;
  said: RuleSaid | null;
  until: string | null;
  prompts: Record<string, Sayable>;
}

export interface LinesNow {
  languages: string[];
  engines: Record<string, boolean>;
  lines: LineNow[];
}

export type Kind = "announcement" | "closure";

export interface Order {
  line: string;
  kind: Kind;
  prompt: string;
  by: string;
  since: string;
  until: string | null;
}

export interface Orders {
  orders: Order[];
}

/** What somebody is about to have callers hear. `line`: a number, or "all". `until`: an ISO moment, or null. */
export interface Wish {
  kind: Kind;
  line: string;
  prompt: string;
  until: string | null;
}

/** Give the order; a notice that was made a moment ago is waited for until the service has taken it up. */
export async function order({ kind, line, prompt, until }: Wish): Promise<void> {
  const begun = await api.post<Piece<Orders>>("/api/line-orders", { kind, line, prompt, ...(until === null ? {} : { until }) });
  await overWork(begun, () => undefined);
}

export function takeBack({ line, kind }: Order): Promise<Orders> {
  return api.delete<Orders>(`/api/lines/${encodeURIComponent(line)}/${kind}`);
}
