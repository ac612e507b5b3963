import { useEffect, useRef } from "react";
import { useWords } from "../base/words";
import type { HeardLine } from "../phone/machine";
import { WORDS } from "./words";

/** What was said, line by line; a screen reader hears each new line, and the newest one stays in sight. */
export function Transcript({ lines, live }: { lines: readonly HeardLine[]; live: boolean }) {
  const t = useWords(WORDS);
  const box = useRef<HTMLDivElement>(null);
  const newest = lines.at(-1)?.id;
  useEffect(() => {
    const list = box.current;
    if (list !== null && live) list.scrollTop = list.scrollHeight;
  }, [newest, live]);
  useEffect(() => {
    const list = box.current;
    if (list === null || !live) return;
    const turned = new ResizeObserver(() => { list.scrollTop = list.scrollHeight; });     // a phone that is turned round
    turned.observe(list);
    return () => turned.disconnect();
  }, [live]);
  return (
    <div className="heard" ref={box} role={live ? "log" : "region"} aria-live={live ? "polite" : undefined}
         aria-label={t("heard")} tabIndex={0}>
      {lines.map(({ id, kind, text }) => (
        <p key={id} className={kind === "speech" ? undefined : "sound"}>
          {kind === "speech" ? text : kind === "music" ? <><span aria-hidden="true">♪ </span>{t("music")}</> : t(kind)}
        </p>
      ))}
    </div>
  );
}
