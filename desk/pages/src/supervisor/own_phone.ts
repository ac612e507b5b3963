import { useCallback, useEffect, useRef } from "react";
import { usePhone } from "../phone/use_phone";

const SOON = 8000;      // ms in which the phone rings that somebody asked for

/** Whoever asked to hear a call has said already that they take it up: the phone in the page answers by itself, where it is
 * switched on here. What the page must call when something was asked for. */
export function useAnswersSoon(): () => void {
  const { phone, audio, line } = usePhone("desk");
  const asked = useRef(0);
  useEffect(() => {
    if (phone.state !== "ringing" || !audio.chosen.here || performance.now() - asked.current > SOON) return;
    asked.current = 0;
    line.answer();
  }, [phone.state, audio.chosen.here, line]);
  return useCallback(() => { asked.current = performance.now(); }, []);
}
