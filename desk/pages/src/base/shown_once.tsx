import { WORDS } from "./base_words";
import { Dialog, Field, toast } from "./parts";
import { useWords } from "./words";

/** Something secret that was made just now: it can be copied, and is never seen again. */
export function ShownOnce({ title, about, label, value, onClose }: { title: string; about: string; label: string; value: string; onClose: () => void }) {
  const t = useWords(WORDS);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      toast(t("copied"));
    } catch {
      toast(t("not_copied"), "warn");
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">
        <p>{about}</p>
        <Field label={label}>
          <input className="mono" readOnly value={value} onFocus={(event) => event.target.select()} />
        </Field>
        <div className="row">
          <button className="primary" onClick={() => void copy()}>{t("copy")}</button>
          <button onClick={onClose}>{t("have_it")}</button>
        </div>
      </div>
    </Dialog>
  );
}
