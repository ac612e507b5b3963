import { useEffect, useState } from "react";
import { FileMark, FileView } from "../base/file_view";
import { asFile, sizeIn, type SaidFile } from "../base/files";
import { useLanguage, useWords } from "../base/words";
import type { Own } from "./own";
import { harmless } from "../base/harmless";
import { save, type Uploads } from "./uploads";
import { WORDS } from "./words";

/** A file of the chat: pictures are fetched as they are seen, all else when it is asked for. */
export function FileBody({ body, files }: { body: string; files: Uploads }) {
  const t = useWords(WORDS);
  const said = asFile(body);
  const [gone, setGone] = useState(false);
  if (said === null) return <p className="body">{t("file_erased")}</p>;
  const fetchIt = () => {
    setGone(false);
    files.address(said).then((address) => save(address, said.name), () => setGone(true));
  };
  return (
    <div className="body">
      {said.width > 0 ? <Shown said={said} files={files} /> : <FileView said={said} src="" onSave={fetchIt} />}
      {gone && <span className="small" role="alert">{t("file_away")}</span>}
    </div>
  );
}

function Shown({ said, files }: { said: SaidFile; files: Uploads }) {
  const t = useWords(WORDS);
  const [address, setAddress] = useState("");
  const [turn, setTurn] = useState(0);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    let here = true;
    files.address(said).then((found) => { if (here) setAddress(found); }, () => { if (here) setGone(true); });
    return () => { here = false; };
  }, [said.file, files, turn]);
  if (!gone) return <FileView said={said} src={address} />;
  return <><bdi>{said.name}</bdi> <button className="quiet small" onClick={() => { setGone(false); setTurn(turn + 1); }}>{t("file_again")}</button></>;
}

/** One on its way: how far it is, by sight and by ear. */
export function FileOnItsWay({ own, onDrop }: { own: Own; onDrop: (key: string) => void }) {
  const t = useWords(WORDS);
  const language = useLanguage();
  const { name, bytes, part } = own.file!;
  const shown = harmless(name);
  return (
    <div className="body">
      <span className="chat-file"><FileMark /><bdi>{shown}</bdi><span className="small chat-file-size">{sizeIn(language, bytes)}</span></span>
      {own.state === "sending" && (
        <span className="chat-sending">
          <progress max={1} value={part} aria-label={t("file_sending", { name: shown })} />
          <button className="quiet small" onClick={() => onDrop(own.key)} aria-label={t("file_stop", { name: shown })}>✕</button>
        </span>
      )}
    </div>
  );
}
