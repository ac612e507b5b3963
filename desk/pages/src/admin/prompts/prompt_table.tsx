import { useWords, type Translate } from "../../base/words";
import type { Prompt } from "./prompts";
import { WORDS, type PromptWord } from "./words";

const MOST_USES = 2;

export function Table({ prompts, onOpen }: { prompts: Prompt[]; onOpen: (clip: string) => void }) {
  const t = useWords(WORDS);
  return (
    <div className="scroll" role="region" aria-label={t("title")} tabIndex={0}>
      <table className="folds">
        <thead>
          <tr>
            <th scope="col">{t("prompt")}</th><th scope="col" className="right">{t("length")}</th>
            <th scope="col">{t("made")}</th><th scope="col">{t("used_in")}</th><th scope="col">{t("findings")}</th>
          </tr>
        </thead>
        <tbody>{prompts.map((prompt) => <Row key={prompt.clip} prompt={prompt} onOpen={onOpen} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ prompt, onOpen }: { prompt: Prompt; onOpen: (clip: string) => void }) {
  const t = useWords(WORDS);
  const { clip, text, language, seconds, made_by, findings } = prompt;
  return (
    <tr>
      <td>
        <button className="quiet small flush" onClick={() => onOpen(clip)}><span className="mono">{clip}</span></button>
        {text !== "" && <div className="small" lang={language}>{text}</div>}
      </td>
      <td className="right figure use" data-name={t("length")}>{seconds === null ? "–" : t("seconds", { n: seconds.toFixed(1) })}</td>
      <td className="use" data-name={t("made")}>{t(made_by === "" ? "no_file" : made_by)}</td>
      <td className="small" data-name={t("used_in")}><Uses prompt={prompt} t={t} /></td>
      <td>
        {findings.length === 0 ? <span className="pill good">{t("well")}</span> : findings.map(({ code, severity, message }) => (
          <div key={code} className="small"><span className={`pill ${severity === "error" ? "bad" : "warn"}`}>{code.replace("prompt-", "")}</span> {message}</div>
        ))}
      </td>
    </tr>
  );
}

function Uses({ prompt, t }: { prompt: Prompt; t: Translate<PromptWord> }) {
  if (!prompt.used) return <span className="muted">{t("nobody")}</span>;
  const { uses } = prompt;
  return (
    <>
      {uses.slice(0, MOST_USES).map(({ file, line, menu }) => (
        <div key={`${file} ${line} ${menu}`} className="use">{menu === "" ? t("announcement") : menu} <span className="muted mono">{file}:{line}</span></div>
      ))}
      {uses.length > MOST_USES && <span className="muted">+{uses.length - MOST_USES}</span>}
    </>
  );
}
