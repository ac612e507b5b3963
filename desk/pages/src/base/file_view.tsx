import { useState } from "react";
import "./files.css";
import { sizeIn, type SaidFile } from "./files";
import { Dialog } from "./parts";
import { useLanguage, useWords, type Words } from "./words";

const SMALL_PX = 240, LEAST_PX = 44;
type Word = "open" | "save";
const WORDS: Words<Word> = {
  en: { open: "Picture: {name}. Open", save: "Download" },
  ru: { open: "Картинка: {name}. Открыть", save: "Скачать" },
};

/** A file in a chat: a picture as a thumbnail that opens, all else by name and size. `src` is where it is fetched; ""
 * while it is not there. `onSave` fetches it for who has no address for it. */
export function FileView({ said, src, onSave }: { said: SaidFile; src: string; onSave?: () => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);
  const { name, width, height } = said;
  const size = sizeIn(language, said.bytes);
  if (width === 0 || broken) {
    const inside = <><FileMark /><span className="hidden">{t("save")} </span><span className="chat-file-name"><bdi>{name}</bdi></span><span className="small chat-file-size">{size}</span></>;
    return onSave === undefined ? <a className="chat-file" href={src} download={name}>{inside}</a>
      : <button type="button" className="quiet chat-file" onClick={onSave}>{inside}</button>;
  }
  return (
    <>
      <button type="button" className="chat-picture" aria-label={t("open", { name })} aria-haspopup="dialog" onClick={() => setOpen(true)}
              ref={(element) => reserve(element, width, height)}>
        {src !== "" && <img src={src} alt="" width={width} height={height} onError={() => setBroken(true)} />}
      </button>
      {open && (
        <Dialog title={name} wide onClose={() => setOpen(false)}>
          <img className="chat-picture-whole" src={src === "" ? undefined : src} alt={name} width={width} height={height} />
          <div className="row"><a className="button" href={src} download={name}>{t("save")} ({size})</a></div>
        </Dialog>
      )}
    </>
  );
}

/** As large as it will be once it is there, so that nothing jumps. */
function reserve(element: HTMLElement | null, width: number, height: number): void {
  if (element === null) return;
  element.style.width = `${Math.min(SMALL_PX, Math.max(LEAST_PX, width))}px`;
  element.style.aspectRatio = `${width} / ${height}`;
}

export function FileMark() {
  return (
    <svg className="chat-file-mark" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round">
      <path d="M6 2.5h8l5 5v14H6zM14 2.5v5h5" />
    </svg>
  );
}

export function Clip() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
      <path d="m20 11.5-8.3 8.3a5.2 5.2 0 0 1-7.4-7.4l8.6-8.6a3.5 3.5 0 0 1 5 5L9.400 17.300a1.800 1.800 0 0 1-2.500-2.500l7.700-7.700" />
    </svg>
  );
}
