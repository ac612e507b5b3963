import { useEffect, useRef, useState } from "react";
import { useWords } from "../../base/words";
import { asWav } from "./wav";
import { WORDS } from "./words";

const LONGEST = 300;        // s

interface Taking {
  recorder: MediaRecorder;
  stream: MediaStream;
  pieces: Blob[];
}

/** Records a take with the microphone of this machine; it is sent as WAV, since servers can't read what browsers write. */
export function Recorder({ onTaken, busy }: { onTaken: (sound: Blob) => void; busy: boolean }) {
  const t = useWords(WORDS);
  const taking = useRef<Taking | null>(null);
  const [seconds, setSeconds] = useState<number | null>(null);
  const [take, setTake] = useState<{ sound: Blob; url: string } | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => () => stopAll(taking.current), []);
  useEffect(() => () => { if (take !== null) URL.revokeObjectURL(take.url); }, [take]);
  useEffect(() => {
    if (seconds === null) return;
    const timer = setTimeout(() => (seconds >= LONGEST ? taking.current?.recorder.stop() : setSeconds(seconds + 1)), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);

  async function begin() {
    setFailed(false);
    setTake(null);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: true } });
      const recorder = new MediaRecorder(stream);
      const pieces: Blob[] = [];
      taking.current = { recorder, stream, pieces };
      recorder.ondataavailable = ({ data }) => pieces.push(data);
      recorder.onstop = () => void end();
      recorder.start();
      setSeconds(0);
    } catch {
      setFailed(true);
    }
  }
  async function end() {
    const taken = taking.current;
    taking.current = null;
    setSeconds(null);
    if (taken === null) return;
    taken.stream.getTracks().forEach((track) => track.stop());
    try {
      const sound = await asWav(new Blob(taken.pieces));
      setTake({ sound, url: URL.createObjectURL(sound) });
    } catch {
      setFailed(true);
    }
  }
  return (
    <div className="field">
      <span>{t("record")}</span>
      <div className="row">
        {seconds === null
          ? <button type="button" onClick={() => void begin()} disabled={busy}>● {t("record")}</button>
          : <button type="button" className="bad" onClick={() => taking.current?.recorder.stop()}>■ {t("stop")}</button>}
        <span role="status">{seconds !== null && t("recording", { n: seconds })}</span>
      </div>
      {failed && <span className="wrong" role="alert">{t("no_microphone")}</span>}
      {take !== null && (
        <>
          <audio className="player" controls src={take.url} aria-label={t("record")} />
          <div className="row">
            <button type="button" className="primary" disabled={busy} onClick={() => { onTaken(take.sound); setTake(null); }}>{t("use_it")}</button>
            <button type="button" disabled={busy} onClick={() => setTake(null)}>{t("discard")}</button>
          </div>
        </>
      )}
    </div>
  );
}

function stopAll(taken: Taking | null): void {
  if (taken === null) return;
  taken.recorder.onstop = null;
  taken.stream.getTracks().forEach((track) => track.stop());
}
