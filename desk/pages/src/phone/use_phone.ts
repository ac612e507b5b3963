import { useSyncExternalStore } from "react";
import { phoneOf, type Meters, type PagePhone, type Shown } from "./phone";
import type { PhoneKind } from "./wire";

export interface UsedPhone extends Shown {
  /** What can be done: `dial answer hangUp hold mute listen key choose take start stop test testRing`. */
  line: PagePhone;
}

/** The phone in the page and how it stands. `desk` is for people who are logged in, `try` for anybody. */
export function usePhone(kind: PhoneKind): UsedPhone {
  const line = phoneOf(kind);
  const shown = useSyncExternalStore(line.subscribe, () => line.shown);
  return { ...shown, line };
}

/** Levels and the network, ten times a second in a call. */
export function useMeters(kind: PhoneKind): Meters {
  const line = phoneOf(kind);
  return useSyncExternalStore(line.look, () => line.meters);
}
