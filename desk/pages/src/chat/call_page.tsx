import { useEffect, useState } from "react";
import { useWords } from "../base/words";
import "./chat.css";
import Speaking from "./speaking";
import { WORDS } from "./words";

/** A window for the call beside a chat that a foreign page shows: the code behind the # is good for one call. */
export default function CallPage() {
  const t = useWords(WORDS);
  const [code] = useState(() => location.hash.slice(1));
  const [phase, setPhase] = useState<"before" | "speaks" | "over">("before");
  useEffect(() => {
    history.replaceState(null, "", location.pathname);        // it is used here, and lies in no history
    document.title = t("call_title");
  }, [t]);
  return (
    <div className="chat call-window">
      <main>
        <div className="begin stack">
          <h1>{t("call_title")}</h1>
          {code === "" ? <p className="note bad" role="alert">{t("call_no_code")}</p>
            : phase === "before" ? <><p className="muted">{t("call_hint")}</p><button className="primary big-button" onClick={() => setPhase("speaks")}>{t("call_start")}</button></>
            : phase === "speaks" ? <Speaking code={code} onOver={() => setPhase("over")} />
            : <p role="status">{t("call_ended_here")}</p>}
        </div>
      </main>
    </div>
  );
}
