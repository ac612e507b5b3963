import { useTitles } from "../base/titles";
import { words } from "./titles";

/** Titles of queues and menus. */
export const useCalled = () => useTitles(words);
