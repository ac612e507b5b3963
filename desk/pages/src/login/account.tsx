import { Loading } from "../base/parts";
import { Preferences } from "../base/preferences";
import { mayEnter, useSession } from "../base/session";
import { useWords } from "../base/words";
import "./account.css";
import { Password } from "./password";
import { Tokens } from "./tokens";
import { WORDS } from "./account_words";

/** Who is logged in, their password, and for administrators the tokens of programs. */
export default function Account() {
  const t = useWords(WORDS);
  const { who } = useSession();
  if (who === null) return <Loading />;
  return (
    <>
      <div>
        <h1>{who.display_name || who.name}</h1>
        <p className="muted">{who.display_name ? `${who.name} · ` : ""}{t(who.role)}</p>
      </div>
      {who.own_password === true ? <Password name={who.name} /> : <p className="card">{t("given")}</p>}
      <section className="card account-preferences"><h2>{t("preferences")}</h2><Preferences /></section>
      {mayEnter(who, "admin") && <Tokens />}
    </>
  );
}
