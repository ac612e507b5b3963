import { lazy, type ComponentType } from "react";
import type { BaseWord } from "./base/base_words";
import type { Role } from "./base/session";

export interface AreaProps {
  path: string;
  params: URLSearchParams;
}

export interface Area {
  /** A path, or what a path begins with where it ends in "/". */
  at: string;
  title: BaseWord;
  page: ComponentType<AreaProps>;
  /** Who may see it; undefined: everybody. */
  role?: Role;
  /** Without the frame of navigation around it. */
  bare?: boolean;
}

/** Each area is a file of its own for the browser: an operator's desk does not load the editor. */
export const AREAS: readonly Area[] = [
  { at: "/login", title: "log_in", page: lazy(() => import("./login/page")), bare: true },
  { at: "/try", title: "try_it", page: lazy(() => import("./try/page")), bare: true },
  { at: "/chat", title: "chat", page: lazy(() => import("./chat/page")), bare: true },
  { at: "/call", title: "chat", page: lazy(() => import("./chat/call_page")), bare: true },
  { at: "/desk", title: "desk", page: lazy(() => import("./desk/page")), role: "operator" },
  { at: "/supervisor", title: "supervisor", page: lazy(() => import("./supervisor/page")), role: "supervisor" },
  { at: "/wallboard", title: "wallboard", page: lazy(() => import("./wallboard/page")), role: "operator", bare: true },
  { at: "/reports", title: "reports", page: lazy(() => import("./reports/page")), role: "supervisor" },
  { at: "/account", title: "account", page: lazy(() => import("./login/account")), role: "operator" },
  { at: "/admin/menus", title: "menus", page: lazy(() => import("./editor/page")), role: "admin" },
  { at: "/admin", title: "admin", page: lazy(() => import("./admin/page")), role: "supervisor" },
  { at: "/admin/", title: "admin", page: lazy(() => import("./admin/page")), role: "supervisor" },
];

export function areaOf(path: string): Area | undefined {
  return AREAS.find(({ at }) => path === at) ?? AREAS.find(({ at }) => at.endsWith("/") && path.startsWith(at));
}
