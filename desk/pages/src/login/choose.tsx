import { WORDS as BASE } from "../base/base_words";
import { Preferences } from "../base/preferences";
import { useSession } from "../base/session";
import { useWords } from "../base/words";
import { Password } from "./password";
import { WORDS } from "./account_words";

/** Somebody has logged in with a password that an administrator made: nothing else opens before they choose their own. */
export default function Choose({ name }: { name: string }) {
  const t = useWords(WORDS);
  const base = useWords(BASE);
  const { look, logOut } = useSession();
  return (
    <main className="centre">
      <div className="stack">
        <div className="spread">
          <h1>{t("choose")}</h1>
          <Preferences />
        </div>
        <Password name={name} about={t("choose_about")} onChanged={() => void look()} />
        <div><button className="quiet small" onClick={() => void logOut()}>{base("log_out")}</button></div>
      </div>
    </main>
  );
}
