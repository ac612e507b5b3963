import { useState, type FormEvent } from "react";
import { Dialog, ErrorNote, Field } from "../base/parts";
import { useTitles } from "../base/titles";
import { useWords } from "../base/words";
import type { RequestRow } from "./types";
import { WORDS } from "./words";

/** The request goes to another queue's people, open and nobody's, with all that is written in it. */
export function PassOn({ row, queues, error, onClose, onChosen }:
    { row: RequestRow; queues: string[]; error: unknown; onClose: () => void; onChosen: (queue: string) => void }) {
  const t = useWords(WORDS);
  const called = useTitles();
  const others = queues.filter((name) => name !== row.queue);
  const [queue, setQueue] = useState(others[0] ?? "");
  return (
    <Dialog title={t("pass_on")} onClose={onClose}>
      <form className="stack" onSubmit={(event: FormEvent) => { event.preventDefault(); if (queue !== "") onChosen(queue); }}>
        <Field label={t("to_queue")} hint={t("pass_hint")}>
          <select value={queue} autoFocus onChange={(event) => setQueue(event.target.value)}>
            {others.map((name) => <option key={name} value={name}>{called.queue(name)}</option>)}
          </select>
        </Field>
        <ErrorNote error={error} />
        <div className="row"><button className="primary" disabled={queue === ""}>{t("pass_on")}</button></div>
      </form>
    </Dialog>
  );
}
