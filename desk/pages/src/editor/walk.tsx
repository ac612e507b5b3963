import { useEffect, useRef, useState } from "react";
import { Empty, ErrorNote, Field } from "../base/parts";
import { useWords } from "../base/words";
import { server } from "./server";
import type { Drafts, Told, Walked } from "./types";
import { WORDS } from "./words";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

interface WalkProps {
  drafts: Drafts;
  root: string;
  languages: readonly string[];
  onAt: (menu: string) => void;
}

/** A call to the draft without a phone. The server knows nothing of it: each time all steps are told anew. */
export function Walk({ drafts, root, languages, onAt }: WalkProps) {
  const t = useWords(WORDS);
  const [steps, setSteps] = useState<readonly string[]>([]);
  const [as, setAs] = useState({ language: "", caller: "", at: "" });
  const [walked, setWalked] = useState<Walked | null>(null);
  const [error, setError] = useState<unknown>(null);
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    const wait = setTimeout(() => {
      server.walk(drafts, { root, steps, ...as }).then((found) => {
        if (mine !== turn.current) return;
        setWalked(found);
        setError(null);
        onAt(found.over || found.faults.length > 0 ? "" : found.menu);
      }, (failed: unknown) => { if (mine === turn.current) setError(failed); });
    }, 150);
    return () => clearTimeout(wait);
  }, [drafts, root, steps, as, onAt]);
  useEffect(() => () => onAt(""), [onAt]);

  const over = walked?.over ?? true;
  const press = (step: string) => { if (!over) setSteps([...steps, step]); };
  return (
    <div className="walk" onKeyDown={(event) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return;
      if (KEYS.includes(event.key)) press(event.key);
    }}>
      <p className="muted small">{t("walk_hint")}</p>
      <div className="walk-as">
        <Field label={t("walk_as")}><select value={as.language} onChange={(event) => setAs({ ...as, language: event.target.value })}>
          <option value="">{t("walk_first")}</option>{languages.map((one) => <option key={one}>{one}</option>)}</select></Field>
        <Field label={t("walk_caller")}><input value={as.caller} inputMode="tel" maxLength={31} placeholder="+74951234567" onChange={(event) => setAs({ ...as, caller: event.target.value.replace(/[^+0-9]/g, "") })} /></Field>
        <Field label={t("walk_at")} hint={t("walk_at_hint")}><input defaultValue={as.at} maxLength={16} onBlur={(event) => setAs({ ...as, at: event.target.value.trim() })} /></Field>
      </div>
      <ErrorNote error={error} />
      {walked !== null && walked.faults.length > 0 && <p className="note bad">{t("walk_faults")}</p>}
      <Story story={walked?.story ?? []} />
      {walked !== null && walked.where !== "" && <p className="note" role="status">{t("walk_where", { where: walked.where })}{walked.outcome !== "" && ` (${walked.outcome})`}</p>}
      {walked !== null && walked.unanswered.length > 0 && <p className="note warn">{t("walk_unanswered", { names: walked.unanswered.join(", ") })}</p>}
      <Keypad walked={walked} over={over} press={press} />
      <div className="row">
        <button className="small" disabled={over} onClick={() => press("silence")}>{t("walk_silence")}</button>
        {walked?.recorded === true && <button className="small" onClick={() => press("speaks5s")}>{t("walk_speak")}</button>}
        <button className="small" disabled={over} onClick={() => press("hangup")}>{t("walk_hang_up")}</button>
        <span className="grow" />
        <button className="small" disabled={steps.length === 0} onClick={() => setSteps(steps.slice(0, -1))}>{t("walk_undo")}</button>
        <button className="small" disabled={steps.length === 0} onClick={() => setSteps([])}>{t("walk_again")}</button>
      </div>
    </div>
  );
}

function Keypad({ walked, over, press }: { walked: Walked | null; over: boolean; press: (key: string) => void }) {
  const t = useWords(WORDS);
  const does = new Map(walked?.options.map((option) => [option.keys, option.does]));
  return (
    <div className="walk-keys" role="group" aria-label={t("key")}>
      {KEYS.map((key) => (
        <button key={key} className={does.has(key) ? "known" : ""} disabled={over} onClick={() => press(key)} title={does.get(key) ?? ""}>
          <kbd>{key}</kbd><span className="small">{does.get(key) ?? ""}</span>
        </button>
      ))}
    </div>
  );
}

function Story({ story }: { story: readonly Told[] }) {
  const t = useWords(WORDS);
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => { end.current?.scrollIntoView({ block: "nearest" }); }, [story]);
  if (story.length === 0) return <Empty>…</Empty>;
  return (
    <div className="story" role="log" aria-label={t("walk_heard")} tabIndex={0}><ol>
      {story.map((line, number) => (
        <li key={number} className={line.kind} ref={number === story.length - 1 ? end : undefined}>
          <span className="figure muted small">{line.at.toFixed(0)} s</span>
          <span lang={line.language === "" ? undefined : line.language}>{line.kind === "heard" ? (line.text === "" ? `♪ ${line.prompt}` : `“${line.text}”`) : line.text}
            {line.cut && <em className="muted small"> [{t("cut_off")}]</em>}</span>
        </li>
      ))}
    </ol></div>
  );
}
