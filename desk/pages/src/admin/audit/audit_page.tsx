import { Empty, ErrorNote, Field, Loading } from "../../base/parts";
import { setParam, useRoute } from "../../base/router";
import { useLanguage, useMoments, useWords, words } from "../../base/words";
import { usePaged } from "../shared";
import { DONE, doneWords } from "./done_words";
import { WORDS, type AuditWord } from "./words";

interface Done {
  id: string;
  at: string;
  node: string;
  who: string;
  what: string;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const FILTERS: readonly [string, AuditWord, string][] = [
  ["who", "who", "text"], ["what", "what", "text"], ["subject", "subject", "text"], ["since", "since", "datetime-local"], ["until", "until", "datetime-local"]];

/** Who changed what: found by person, kind, subject and time. */
export function AuditPage() {
  const t = useWords(WORDS);
  const { params } = useRoute();
  const query = queryOf(params);
  const { value, items: done, cursor, failed, error, again, more } = usePaged<Done>("/api/audit", query);
  return (
    <>
      <div><h1>{t("title")}</h1><p className="muted">{t("about")}</p></div>
      <form className="card filters" onSubmit={(event) => {
        event.preventDefault();
        for (const [name, given] of new FormData(event.currentTarget)) setParam(name, String(given));
      }}>
        {FILTERS.map(([name, word, type]) => (
          <Field key={name} label={t(word)}>
            {name === "what" ? <What chosen={params.get(name) ?? ""} />
              : <input name={name} type={type} maxLength={128} defaultValue={params.get(name) ?? ""} onBlur={(event) => setParam(name, event.target.value)} />}
          </Field>
        ))}
        <button className="hidden" tabIndex={-1} aria-hidden="true">{t("title")}</button>
      </form>
      <section className="card">
        <ErrorNote error={error ?? failed} again={again} />
        {value === undefined ? error === null && <Loading /> : done.length === 0 ? <Empty>{t("none")}</Empty> : <Table done={done} />}
        {cursor !== null && value !== undefined && <div className="row"><button onClick={() => void more()}>{t("older")}</button></div>}
      </section>
    </>
  );
}

function Table({ done }: { done: Done[] }) {
  const t = useWords(WORDS);
  const { both } = useMoments();
  const language = useLanguage();
  return (
    <div className="scroll" role="region" aria-label={t("title")} tabIndex={0}>
      <table className="folds">
        <thead><tr><th scope="col">{t("when")}</th><th scope="col">{t("who")}</th><th scope="col">{t("what")}</th><th scope="col">{t("subject")}</th><th scope="col">{t("change")}</th></tr></thead>
        <tbody>
          {done.map((one) => (
            <tr key={one.id}>
              <td className="use">{both(one.at)}</td>
              <td>{one.who === "" ? <span className="muted">{t("nobody")}</span> : <strong>{one.who}</strong>}</td>
              <td title={one.what} data-name={t("what")}>{doneWords(language, one.what)}</td>
              <td data-name={t("subject")}>{one.subject}</td>
              <td className="small" data-name={t("change")}>{changes(one).map(({ key, from, to }) => (
                <div key={key}><span className="muted">{words(key)}:</span> {from !== "" && <><del>{from}</del> → </>}{to}</div>
              ))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was done, by words; an address may name a whole kind, such as `menus.`, which stands in no list. */
function What({ chosen }: { chosen: string }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const codes = Object.keys(DONE[language]);
  return (
    <select name="what" value={chosen} onChange={(event) => setParam("what", event.target.value)}>
      <option value="">{t("anything")}</option>
      {chosen !== "" && !codes.includes(chosen) && <option value={chosen}>{chosen}</option>}
      {codes.map((code) => <option key={code} value={code}>{doneWords(language, code)}</option>)}
    </select>
  );
}

/** What differs between before and after, value by value. */
function changes({ before, after }: Done): { key: string; from: string; to: string }[] {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return keys.map((key) => ({ key, from: shown(before?.[key]), to: shown(after?.[key]) })).filter(({ from, to }) => from !== to);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return /^[a-z]+(_[a-z]+)+$/.test(String(value)) ? words(String(value)) : String(value);
}

function queryOf(params: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, , type] of FILTERS) {
    const value = params.get(name) ?? "";
    if (value === "") continue;
    const at = new Date(value);
    if (type === "text") found[name] = value.trim();
    else if (!Number.isNaN(at.getTime())) found[name] = at.toISOString();
  }
  return found;
}
