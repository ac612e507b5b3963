import type { DragEvent } from "react";
import { filesOf } from "./files";

/** For an element onto which files can be dropped. Where they can't, a browser that opened one would leave the page. */
export function dropping(takes: boolean, onFiles: (files: readonly File[]) => void) {
  const over = (event: DragEvent<HTMLElement>) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();            // what is around may refuse what this takes
    event.dataTransfer.dropEffect = takes ? "copy" : "none";
  };
  const drop = (event: DragEvent<HTMLElement>) => {
    const files = filesOf(event.dataTransfer);
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (takes) onFiles(files);
  };
  return { onDragOver: over, onDrop: drop };
}
