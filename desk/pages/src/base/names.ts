import { useCallback } from "react";
import { useBoard } from "./live";

/** Operators as people call them; who is none stays as they are. */
export function useNames(): (name: string) => string {
  const operators = useBoard()?.value.operators;
  return useCallback((name) => operators?.find((one) => one.name === name)?.display_name || name, [operators]);
}
