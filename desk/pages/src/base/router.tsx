import { useMemo, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";

const CHANGED = "hotline:route";

/** Asked before a route is left for `to`; true: it may be. Set by whoever holds what is not saved. */
let mayLeave: ((to: string) => boolean) | null = null;

export function guardLeaving(ask: ((to: string) => boolean) | null): void {
  mayLeave = ask;
}

export function navigate(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  if (mayLeave !== null && !mayLeave(to)) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  dispatchEvent(new Event(CHANGED));
  if (!replace) scrollTo(0, 0);
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  addEventListener(CHANGED, changed);
  return () => {
    removeEventListener("popstate", changed);
    removeEventListener(CHANGED, changed);
  };
}

/** Path without a slash at its end, and the query. */
export function useRoute(): { path: string; params: URLSearchParams } {
  const url = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return useMemo(() => {
    const [path = "/", query = ""] = url.split("?", 2);
    return { path: path.length > 1 ? path.replace(/\/+$/, "") : path, params: new URLSearchParams(query) };
  }, [url]);
}

/** Change one value of the query; "" takes it away. The address can be sent to a colleague. */
export function setParam(name: string, value: string): void {
  const params = new URLSearchParams(location.search);
  if (value === "") params.delete(name);
  else params.set(name, value);
  const query = params.toString();
  navigate(location.pathname + (query === "" ? "" : `?${query}`), { replace: true });
}

export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const here = useRoute().path === to.split("?", 1)[0];
  function go(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  }
  return <a href={to} aria-current={here ? "page" : undefined} onClick={go} {...rest} />;
}
