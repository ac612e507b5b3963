import { useCallback, useEffect, useState } from "react";

const nameOf = (who: string) => `hotline.worked_on.${who}`;

/** The call whose request is on the screen: `now`, which is talked in or written up, as soon as it is; else what was
 * opened by hand, or was the last. A reload comes back to it. */
export function useWorkedOn(who: string, now: string | undefined): { call: string; choose: (call: string) => void; done: () => void } {
  const [kept, setKept] = useState(() => read(who));
  // a call that begins, or is to be written up, comes on the screen; after that the operator may choose another
  useEffect(() => { if (now !== undefined && now !== "") keep(now); }, [now]);

  const keep = useCallback((call: string) => {
    setKept(call);
    try {
      if (call === "") sessionStorage.removeItem(nameOf(who));
      else sessionStorage.setItem(nameOf(who), call);
    } catch {
      // it is known as long as the page is
    }
  }, [who]);
  const done = useCallback(() => keep(""), [keep]);
  return { call: kept, choose: keep, done };
}

function read(who: string): string {
  try {
    return sessionStorage.getItem(nameOf(who)) ?? "";
  } catch {
    return "";
  }
}
