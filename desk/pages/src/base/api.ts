/** What the server says when it does not do what was asked; `code` is for programs, `message` for people. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string,
              /** Which fields of a body are wrong, if that is why. */
              readonly fields: Readonly<Record<string, string>> = {}) {
    super(message);
  }
}

/** A part of a list, and what to ask for to get the next one. */
export interface PageOf<T> {
  items: T[];
  next_cursor: string | null;
}

const onLoggedOut = new Set<() => void>();

/** `hear` is called whenever the server says that nobody is logged in any more. */
export function whenLoggedOut(hear: () => void): () => void {
  onLoggedOut.add(hear);
  return () => onLoggedOut.delete(hear);
}

type Query = Record<string, string | number | boolean | null | undefined>;

export const api = {
  get: <T>(path: string, query: Query = {}, signal?: AbortSignal) => ask<T>("GET", path + asQuery(query), undefined, signal),
  post: <T>(path: string, body?: unknown) => ask<T>("POST", path, body),
  put: <T>(path: string, body?: unknown) => ask<T>("PUT", path, body),
  patch: <T>(path: string, body?: unknown) => ask<T>("PATCH", path, body),
  delete: <T = void>(path: string, body?: unknown) => ask<T>("DELETE", path, body),
};

export function asQuery(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  // No form and no foreign page can send this header: it is our proof that a page of ours asks.
  if (method !== "GET") headers["X-Hotline"] = "1";
  let sent: BodyInit | undefined;
  if (body instanceof FormData || body instanceof Blob) sent = body;
  else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    sent = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: sent, signal, credentials: "same-origin" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", "");
  }
  if (response.ok) {
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
  const failed = await problemOf(response);
  if (response.status === 401 && failed.code === "not_logged_in") onLoggedOut.forEach((hear) => hear());
  throw failed;
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const { code, message, fields } = await response.json();
    return new ApiError(response.status, String(code ?? "unknown"), String(message ?? response.statusText), asFields(fields));
  } catch {
    return new ApiError(response.status, "unknown", response.statusText);
  }
}

function asFields(fields: unknown): Record<string, string> {
  if (!Array.isArray(fields)) return {};
  return Object.fromEntries(fields.map(({ field, message }) => [String(field), String(message)]));
}
