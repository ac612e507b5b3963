import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { api, ApiError, whenLoggedOut } from "./api";

export type Role = "operator" | "supervisor" | "admin";
const RANK: Record<Role, number> = { operator: 0, supervisor: 1, admin: 2 };

export interface Who {
  name: string;
  role: Role;
  /** Whether this login takes calls. */
  operator?: boolean;
  display_name?: string;
  /** Whether they may choose their password here. */
  own_password?: boolean;
  /** Whether their password was made for them: until they choose another one they may do nothing else. */
  must_change?: boolean;
  expires_at: string | null;
}

interface SessionHeld {
  who: Who | null;
  /** Whether the server has said who is logged in. */
  known: boolean;
  logIn: (login: string, password: string) => Promise<Who>;
  /** Ask the server again who is logged in, and how. */
  look: () => Promise<void>;
  logOut: () => Promise<void>;
}

const Session = createContext<SessionHeld>({ who: null, known: false, logIn: () => Promise.reject(new Error()), look: () => Promise.resolve(), logOut: () => Promise.resolve() });

export const useSession = () => useContext(Session);

export function mayEnter(who: Who | null, role: Role): boolean {
  return who !== null && RANK[who.role] >= RANK[role];
}

/** Where somebody begins. */
export function homeOf(who: Who): string {
  if (who.role === "admin") return "/admin";
  return who.role === "supervisor" ? "/supervisor" : "/desk";
}

/** What was typed and not saved speaks of callers: it does not stay for the next person at this computer. */
function forgetDrafts(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("hotline.draft.")) localStorage.removeItem(name);
    for (const name of Object.keys(sessionStorage)) if (name.startsWith("hotline.chat.")) sessionStorage.removeItem(name);
  } catch {
    // nothing is kept there then
  }
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [who, setWho] = useState<Who | null>(null);
  const [known, setKnown] = useState(false);

  useEffect(() => {
    let open = true;
    async function look(wait: number): Promise<void> {
      try {
        const found = await api.get<Who | undefined>("/api/session", { quiet: true });
        if (open) setWho(found ?? null);
      } catch (error) {
        if (!open) return;
        if (!(error instanceof ApiError) || error.status !== 401) {
          setTimeout(() => void look(Math.min(wait * 2, 8000)), wait);    // the server is away: it will be back
          return;
        }
        setWho(null);
      }
      setKnown(true);
    }
    void look(1000);
    const stop = whenLoggedOut(() => setWho(null));
    return () => {
      open = false;
      stop();
    };
  }, []);

  const logIn = useCallback(async (login: string, password: string) => {
    const found = await api.post<Who>("/api/login", { login, password });
    setWho(found);
    setKnown(true);
    return found;
  }, []);
  const look = useCallback(async () => setWho(await api.get<Who>("/api/session")), []);
  const logOut = useCallback(async () => {
    await api.post("/api/logout");
    forgetDrafts();
    setWho(null);
  }, []);
  const held = useMemo(() => ({ who, known, logIn, look, logOut }), [who, known, logIn, look, logOut]);
  return <Session value={held}>{children}</Session>;
}
