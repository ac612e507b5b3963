import { useWords } from "../../base/words";
import { WORDS } from "./words";

export interface Setting {
  key: string;
  value: string;
  own: boolean;
  about: string;
}

export interface Configured {
  queues: { name: string; operators: string[]; tiers: string[][]; settings: Setting[] }[];
  operators: { name: string; display_name: string; languages: string[]; skills: Record<string, number>; queues: string[]; settings: Setting[] }[];
  trunks: { name: string; settings: Setting[] }[];
  break_reasons: string[];
}

/** What config.yaml says: what is set first, the defaults behind a fold. */
export function Settings({ settings, of }: { settings: Setting[]; of: string }) {
  const t = useWords(WORDS);
  const own = settings.filter((one) => one.own);
  const others = settings.filter((one) => !one.own);
  return (
    <details>
      <summary>{t("settings")}<span className="hidden"> {of}</span></summary>
      <div className="stack">
        {own.length > 0 && <SettingTable settings={own} label={`${of}: ${t("own_settings")}`} />}
        <details>
          <summary className="muted small">{t("defaults", { n: others.length })}</summary>
          <SettingTable settings={others} label={`${of}: ${t("defaults", { n: others.length })}`} />
        </details>
      </div>
    </details>
  );
}

function SettingTable({ settings, label }: { settings: Setting[]; label: string }) {
  const t = useWords(WORDS);
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      <table className="settings small">
        <thead><tr><th scope="col">{t("key")}</th><th scope="col">{t("value")}</th><th scope="col">{t("about")}</th></tr></thead>
        <tbody>
          {settings.map(({ key, value, about }) => (
            <tr key={key}><td className="mono">{key}</td><td className="mono">{value === "" ? "–" : value}</td><td className="muted" lang="en">{about}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
