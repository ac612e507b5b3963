import { useId, useState } from "react";
import { api } from "../../base/api";
import { Empty, ErrorNote, Field, Loading, Tabs, toast, useAsked } from "../../base/parts";
import { setParam, useRoute } from "../../base/router";
import { useWords } from "../../base/words";
import { useLanguageNames } from "../lines/choose";
import { overWork, useIsAdmin, type Piece } from "../shared";
import { OnePrompt } from "./one_prompt";
import { FILTERS, matches, tabOf, toRender, type Filter, type Prompt, type Prompts } from "./prompts";
import { Table } from "./prompt_table";
import { WORDS } from "./words";

/** Every sound that callers hear, by language. */
export function PromptsPage() {
  const t = useWords(WORDS);
  const { value, error, again } = useAsked((signal) => api.get<Prompts>("/api/prompts", {}, signal), []);
  const { params } = useRoute();
  const opened = value?.clips.find(({ clip }) => clip === params.get("clip"));
  return (
    <>
      <h1>{t("title")}</h1>
      <ErrorNote error={error} again={again} />
      {value === undefined && error === null && <Loading />}
      {value !== undefined && <Listed known={value} onChanged={again} />}
      {value !== undefined && opened !== undefined && (
        <OnePrompt key={opened.clip} prompt={opened} speaks={value.engines[opened.language] === true} onChanged={again}
                   onClose={() => setParam("clip", "")} />
      )}
    </>
  );
}

function Listed({ known, onChanged }: { known: Prompts; onChanged: () => void }) {
  const t = useWords(WORDS);
  const named = useLanguageNames();
  const panel = useId();
  const { params } = useRoute();
  const isAdmin = useIsAdmin();
  const languages = known.languages;
  const tab = params.get("language") ?? languages[0] ?? "music";
  const filter = (params.get("show") ?? "every") as Filter;
  const [wanted, setWanted] = useState("");
  const here = known.clips.filter((prompt) => tabOf(prompt, languages) === tab);
  const shown = here.filter(FILTERS[filter] ?? FILTERS.every).filter((prompt) => matches(prompt, wanted));
  const tabs = [...languages.map((language) => ({ key: language, label: named(language) })), { key: "music", label: t("music") }];
  return (
    <section className="card stack">
      <Tabs tabs={tabs} chosen={tab} onChoose={(key) => setParam("language", key)} label={t("language")} panel={panel} />
      <div className="filters">
        <Field label={t("search")}><input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} /></Field>
        <Field label={t("show")}>
          <select value={filter} onChange={(event) => setParam("show", event.target.value === "every" ? "" : event.target.value)}>
            {(Object.keys(FILTERS) as Filter[]).map((key) => <option key={key} value={key}>{t(key, { n: here.filter(FILTERS[key]).length })}</option>)}
          </select>
        </Field>
      </div>
      {isAdmin && <RenderAll clips={toRender(here, known.engines)} onDone={onChanged} />}
      <div id={panel} role="tabpanel" aria-label={tab}>
        {shown.length === 0 ? <Empty>{t("nothing")}</Empty> : <Table prompts={shown} onOpen={(clip) => setParam("clip", clip)} />}
      </div>
    </section>
  );
}

function RenderAll({ clips, onDone }: { clips: Prompt[]; onDone: () => void }) {
  const t = useWords(WORDS);
  const [far, setFar] = useState<{ done: number; total: number } | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (clips.length === 0 && far === null) return <ErrorNote error={error} />;
  async function run() {
    setError(null);
    setFar({ done: 0, total: clips.length });
    try {
      const begun = await api.post<Piece<unknown>>("/api/prompts/render", { clips: clips.slice(0, 500).map(({ clip }) => clip) });
      await overWork(begun, ({ done, total }) => setFar({ done, total: total || clips.length }));
      toast(t("rendered"));
    } catch (failed) {
      setError(failed);
    }
    setFar(null);
    onDone();
  }
  return (
    <div className="stack">
      <div className="row">
        <button className="primary" onClick={() => void run()} disabled={far !== null}>{t("render_missing", { n: clips.length })}</button>
        <span role="status">{far !== null && t("rendering", far)}</span>
      </div>
      {far !== null && <progress max={far.total} value={far.done} aria-label={t("render_missing", { n: clips.length })} />}
      <ErrorNote error={error} />
    </div>
  );
}
