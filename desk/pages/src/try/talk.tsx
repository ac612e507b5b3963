import { useCallback } from "react";
import { Clock } from "../base/parts";
import { useWords } from "../base/words";
import { Volume } from "../phone/devices";
import { Keypad } from "../phone/keypad";
import { PhoneMeters } from "../phone/meters";
import { Mute } from "../phone/mute";
import { usePhone } from "../phone/use_phone";
import { WORDS as PHONE } from "../phone/words";
import { Handset } from "./begin";
import { Transcript } from "./transcript";
import { WORDS } from "./words";

/** A call that goes on: what is heard, what can be pressed, where one is, and the keys of the telephone. */
export function Talk({ title, onSettings }: { title: string; onSettings: () => void }) {
  const t = useWords(WORDS);
  const phones = useWords(PHONE);
  const { phone, audio, line } = usePhone("try");
  const press = useCallback((key: string) => line.key(key), [line]);
  const isUp = phone.state === "talking" || phone.state === "held";
  return (
    <>
      <section className="card screen" aria-label={t("heard")}>
        <div className="spread">
          <h1>{title || phone.number}</h1>
          <span className="row">
            <span className={`pill ${isUp ? "good" : "accent"}`}>
              {t(phone.state === "held" ? "state_held" : isUp ? "state_talking" : "state_calling")}
            </span>
            {phone.answeredAt > 0 && <Clock seconds={0} at={phone.answeredAt} />}
          </span>
        </div>
        <Place />
        {phone.heard.length === 0 ? <p className="empty">{t("nothing_yet")}</p> : <Transcript lines={phone.heard} live />}
        <Options onKey={press} disabled={!isUp} />
      </section>
      <section className="card pad stack" aria-label={phones("phone")}>
        <Keypad onKey={press} disabled={!isUp} />
        <PhoneMeters kind="try" lost={phone.figures.lost} other="Hotline" />
        <Volume kind="try" />
        <div className="controls">
          <Mute phone={phone} audio={audio} line={line} disabled={!isUp} />
          <button onClick={onSettings}>{phones("sound")}</button>
          <button className="bad hang-up" onClick={() => line.hangUp()}><Handset down /> {phones("hang_up")}</button>
        </div>
      </section>
    </>
  );
}

/** Where the caller is: the way through the menus, or the place in the queue. */
function Place() {
  const t = useWords(WORDS);
  const { phone } = usePhone("try");
  if (phone.queue !== null) {
    const { place, wait } = phone.queue;
    const minutes = wait === null ? null : Math.round(wait / 60);
    return (
      <p className="place" role="status">
        <b>{t("waiting")}</b>
        {place > 0 && <> · {t("place", { place })}</>}
        {minutes !== null && <> · {minutes < 1 ? t("soon") : t("wait", { n: minutes })}</>}
      </p>
    );
  }
  if (phone.whom !== "") return <p className="place" role="status"><b>{t(`with_${phone.whom}`)}</b></p>;
  if (phone.menu === null) return null;
  const path = phone.menu.path.length > 0 ? phone.menu.path : [phone.menu.title];
  return (
    <nav aria-label={t("here")}>
      <ol className="path">
        {path.map((one, at) => <li key={at} aria-current={at === path.length - 1 ? "location" : undefined}>{one}</li>)}
      </ol>
    </nav>
  );
}

/** The options of the menu: a click presses their keys. */
function Options({ onKey, disabled }: { onKey: (key: string) => void; disabled: boolean }) {
  const t = useWords(WORDS);
  const { phone } = usePhone("try");
  const options = phone.menu?.options ?? [];
  if (options.length === 0) return null;
  return (
    <div className="options" role="group" aria-label={t("options")}>
      {options.map(({ key, label }) => (
        <button key={key} disabled={disabled} onClick={() => [...key].forEach(onKey)}>
          <kbd>{key}</kbd><span className="grow">{label}</span>
        </button>
      ))}
    </div>
  );
}
