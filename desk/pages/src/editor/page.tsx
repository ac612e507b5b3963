import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { AreaProps } from "../areas";
import { Empty, ErrorNote, Loading, Tabs, toast, useAsked } from "../base/parts";
import { setParam } from "../base/router";
import { useWords } from "../base/words";
import { CallIt } from "./call";
import { Code, type CodeHandle } from "./code";
import "./editor.css";
import "./panels.css";
import { FileBar } from "./file_bar";
import { Findings } from "./findings";
import { GraphView } from "./graph";
import { History } from "./history";
import { cardAt, nameOf } from "./names";
import { PublishDialog } from "./publish";
import { ABSENT, server } from "./server";
import { follow } from "./taken";
import { Tests } from "./tests";
import type { Checked, MenuFile, Published } from "./types";
import { useCheck } from "./use_check";
import { useTexts } from "./use_texts";
import { useWide } from "./use_wide";
import { Walk } from "./walk";
import { WORDS } from "./words";

type View = "text" | "graph" | "findings" | "walk" | "tests" | "call" | "history";

/** Menus as text and as a picture, side by side. */
export default function Page({ params }: AreaProps) {
  const t = useWords(WORDS);
  const files = useAsked((signal) => server.files(signal), []);
  if (files.value === undefined) return files.error === null ? <Loading /> : <ErrorNote error={files.error} again={files.again} />;
  if (files.value.length === 0) return <Empty>{t("nothing_drawn")}</Empty>;
  return <Editor files={files.value} wanted={params.get("file")} again={files.again} />;
}

/** Files that are there, and those that a draft leads to and that are still to be written. */
function withNew(files: readonly MenuFile[], checked: Checked | null): readonly MenuFile[] {
  const there = new Set(files.map(({ file }) => file));
  const fresh = (checked?.files ?? []).filter(({ file, kind }) => !there.has(file) && kind === "menu");
  return [...files, ...fresh.map((one) => ({ ...one, exists: false, version: ABSENT, changed_at: null, author: "", unreadable: "" }))];
}

function Editor({ files: stored_files, wanted, again }: { files: readonly MenuFile[]; wanted: string | null; again: () => void }) {
  const [led, setLed] = useState<Checked | null>(null);
  const files = useMemo(() => withNew(stored_files, led), [stored_files, led]);
  const chosen = files.find(({ file }) => file === wanted) ?? files[0]!;
  const t = useWords(WORDS);
  const wide = useWide();
  const texts = useTexts(files, t("leave_ask"));
  const { open, took } = texts;
  const text = texts.textOf(chosen.file);
  const root = chosen.roots[0] ?? "";
  const check = useCheck(texts.drafts, root, text !== undefined);
  useEffect(() => { if (check.checked !== null) setLed(check.checked); }, [check.checked]);
  const [view, setView] = useState<View>("graph");
  const [line, setLine] = useState(1);
  const [caller, setCaller] = useState("");
  const [publishing, setPublishing] = useState(false);
  const [taken, setTaken] = useState<{ kind: string; text: string } | null>(null);
  const writing = Object.keys(texts.drafts).length > 0;
  useEffect(() => { if (writing) setTaken(null); }, [writing]);
  const code = useRef<CodeHandle>(null);
  const going = useRef<{ file: string; line: number; column: number } | null>(null);
  const queues = useAsked(() => server.queues(), []);
  const names = useMemo(() => ({ queues: queues.value ?? [] }), [queues.value]);
  const shown: View = wide && view === "text" ? "graph" : view;
  const calling = wide && (shown === "walk" || shown === "call");     // then the picture stands in the place of the text

  useEffect(() => { void open(chosen.file); }, [open, chosen.file]);
  useEffect(() => {
    if (going.current?.file !== chosen.file || text === undefined || code.current === null) return;
    code.current.goTo(going.current.line, going.current.column, true);
    going.current = null;
  });

  const here = useRef(chosen.file);
  here.current = chosen.file;
  const go = useCallback((file: string, at: number, column = 1) => {
    setView((had) => !wide ? "text" : had === "walk" || had === "call" ? "graph" : had);
    going.current = { file, line: at, column };
    if (file !== here.current) setParam("file", file);
    else if (wide) {
      code.current?.goTo(at, column, true);
      going.current = null;
    }
  }, [wide]);

  const published = useCallback((done: Published, since: number) => {
    took(done.files);
    again();
    if (!done.noted) toast(t("not_noted"), "warn");
    void follow(done, since, ({ kind, word, values }) => setTaken({ kind, text: t(word, values) }));
  }, [took, again, t]);

  const findings = useMemo(() => check.checked?.findings.filter(({ file }) => file === chosen.file) ?? [], [check.checked, chosen.file]);
  const card = cardAt(check.graph, chosen.file, line);
  const tabs = ([["text", t("text")], ["graph", t("graph")], ["findings", <Count key="n" n={check.checked?.findings.length ?? 0} bad={(check.checked?.errors ?? 0) > 0} label={t("findings")} />],
    ["walk", t("walk")], ["tests", t("tests")], ["call", t("call")], ["history", t("history")]] as const).filter(([key]) => !wide || key !== "text").map(([key, label]) => ({ key: key as View, label }));
  const stored = texts.stored[chosen.file];

  return (
    <div className="editor" onKeyDown={(event) => {
      if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || publishing) return;
      if (event.key === "s") check.now();
      else if (event.key === "Enter") setPublishing(true);
      else return;
      event.preventDefault();
    }}>
      <h1 className="hidden">{t("menus")}</h1>
      <FileBar files={files} chosen={chosen} texts={texts} check={check} onChoose={(file) => setParam("file", file)}
               onPublish={() => setPublishing(true)} onRefresh={() => void open(chosen.file)} />
      <div role="status" className="taken">{taken !== null && <p className={`note ${taken.kind}`}>{taken.text}</p>}</div>
      <ErrorNote error={texts.error} again={() => void open(chosen.file)} />
      <ErrorNote error={check.error} again={check.now} />
      <div className="halves">
        {(wide || shown === "text") && (
          <section className="half text-half" aria-label={t("text")} hidden={calling}>
            {text === undefined ? <Loading /> : (
              <Code ref={code} file={chosen.file} text={text} label={t("text_of", { file: nameOf(chosen.file) })} hint={t("text_keys")} findings={findings} names={names}
                    onChange={(typed) => texts.write(chosen.file, typed)} onLine={setLine} onCheck={() => { check.now(); setView("findings"); }} onPublish={() => setPublishing(true)} />
            )}
          </section>
        )}
        {calling && check.graph !== null && (
          <section className="half" aria-label={t("graph")}><GraphView graph={check.graph} drawn={check.drawn} here="" caller={caller} onGo={go} /></section>
        )}
        <section className={shown === "text" ? "half tabs-only" : "half"} aria-label={t("views")}>
          <Tabs tabs={tabs} chosen={shown} onChoose={setView} label={t("views")} panel="editor-view" />
          <div id="editor-view" role="tabpanel" aria-label={t(shown)} className={`view view-${shown}`}>
            {shown === "graph" && (check.graph === null ? <Empty>{t(root === "" ? "no_graph" : check.checked === null ? "checking" : "nothing_drawn")}</Empty>
              : <GraphView graph={check.graph} drawn={check.drawn} here={card?.name ?? ""} caller={caller} onGo={go} />)}
            {shown === "findings" && (check.checked === null ? <Loading /> : <Findings checked={check.checked} onGo={go} />)}
            {shown === "walk" && (root === "" ? <Empty>{t("no_graph")}</Empty> : <Walk drafts={texts.drafts} root={root} languages={check.graph?.languages ?? []} onAt={setCaller} />)}
            {shown === "tests" && <Tests drafts={texts.drafts} example={nameOf(files.find(({ kind }) => kind === "dialogues")?.file ?? "bank.test.yaml")} onGo={go} />}
            {shown === "call" && <CallIt lines={chosen.lines} hasDraft={texts.drafts[chosen.file] !== undefined} onAt={setCaller} />}
            {shown === "history" && (stored === undefined ? <Loading /> : <History now={stored} hasDraft={texts.drafts[chosen.file] !== undefined} onPublished={published} />)}
          </div>
        </section>
      </div>
      {publishing && <PublishDialog texts={texts} onClose={() => setPublishing(false)} onGo={go} onRefused={() => Object.keys(texts.drafts).forEach((file) => void open(file))}
                                    onPublished={(done, since) => { setPublishing(false); published(done, since); }} />}
    </div>
  );
}

function Count({ n, bad, label }: { n: number; bad: boolean; label: string }) {
  return <>{label}{n > 0 && <span className={`pill ${bad ? "bad" : "warn"}`}>{n}</span>}</>;
}
