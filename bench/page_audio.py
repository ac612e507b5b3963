"""Audio of pages in a real Chromium: how long a beep takes from one page's microphone to another page's ear, and what
the server gets of a page whose main thread is busy.
"""

import re
import statistics
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page

from ivr.audio.g711 import decode_ulaw
from tests.pages.rig import Person, chromium, person
from tests.support.service import PASSWORD, Service, running_service, wait_for
from tests.support.web_page import WebPage, log_in

HOST = "127.0.45.2"
BEEPS, SECONDS = 20, 20.0
BLOCKED_MS = 400                # of each second
AIM_MS = 120
QUIETEST = 2000                 # of a frame of the tone, 16 bits
TONE_HZ = 1010                  # its phase is another one in each frame, so a frame that is missing is a jump
JUMP = 0.4                      # radians
TURN = 2 * np.pi * TONE_HZ * 0.02           # from one frame to the next
# The page's own microphone is a beep each second, or a tone that goes on. Where it comes into the page's graph and
# where the graph goes to the loudspeaker each onset is told by the audio clock, as time of the machine.
EARS = """(() => {
    const connect = AudioNode.prototype.connect;
    window.marks = {microphone: [], ear: []};
    function watch(node, marks) {
        // a ScriptProcessor: no policy of the page keeps it out; what its times are wrong by is the same at both ends
        const context = node.context, listener = context.createScriptProcessor(1024, 1, 1);
        const late = [];
        let quiet = 0;
        listener.onaudioprocess = ({inputBuffer, playbackTime}) => {
            // the machine's clock less the audio's: the least of two seconds, since a call is late and never early
            late.push((performance.timeOrigin + performance.now()) / 1000 - playbackTime);
            if (late.length > 86) late.shift();
            inputBuffer.getChannelData(0).forEach((sample, n) => {
                if (Math.abs(sample) < 0.08) { quiet += 1; return; }
                if (quiet > context.sampleRate / 4)
                    marks.push(playbackTime + n / context.sampleRate + Math.min(...late));
                quiet = 0;
            });
        };
        connect.call(connect.call(node, listener), context.destination);
    }
    AudioNode.prototype.connect = function (to, ...rest) {
        if (this instanceof MediaStreamAudioSourceNode) watch(this, window.marks.microphone);
        if (to instanceof AudioDestinationNode && this instanceof GainNode) watch(this, window.marks.ear);
        return connect.call(this, to, ...rest);
    };
    navigator.mediaDevices.getUserMedia = async () => {
        const context = new AudioContext(), out = context.createMediaStreamDestination();
        const gain = new GainNode(context, {gain: window.speech === "tone" ? 0.5 : 0});
        const tone = new OscillatorNode(context, {frequency: 1010});
        connect.call(connect.call(tone, gain), out);
        tone.start();
        for (let at = context.currentTime + 1; window.speech === "beeps" && at < 300; at += 1) {
            gain.gain.setValueAtTime(0.5, at);
            gain.gain.setValueAtTime(0, at + 0.1);
        }
        return out.stream;
    };
})()"""
BUSY = """(ms) => setInterval(() => { const end = performance.now() + ms; while (performance.now() < end); }, 1000)"""


def page_audio() -> dict[str, object]:
    """Two pages of a real Chromium talk: how late the one hears the other; and a page that is busy all the time."""
    with tempfile.TemporaryDirectory() as name, running_service(
            Path(name), host=HOST, **_operators(Path(name))) as service, chromium() as browser:
        return {"page_to_page": latency(browser, service), "busy_page": busy(browser, service), "aim_ms": AIM_MS}


def latency(browser: Browser, service: Service) -> dict[str, object]:
    """Milliseconds from a beep in the caller's graph to the same in the operator's."""
    with ExitStack() as open_pages:
        caller, operator = (open_pages.enter_context(person(browser, service, quiet=False)) for _ in range(2))
        for somebody, speech in ((caller, "beeps"), (operator, "nothing")):
            _equip(somebody, speech)
        operator.context.add_init_script("localStorage.setItem('hotline.audio', '{\"here\": true}')")
        desk = operator.log_in("anna", PASSWORD, "/desk")
        wait_for(lambda: service.operators()["anna"]["reachable"], 10, "anna's page is no phone")
        page = _calls(caller.open("/try"))
        desk.get_by_role("button", name=re.compile("^Answer")).first.click()
        desk.wait_for_function(f"() => window.marks.ear.length > {BEEPS}", timeout=60_000)
        sent, heard = page.evaluate("() => window.marks.microphone"), desk.evaluate("() => window.marks.ear")
    late = [1000 * (at - max(before)) for at in heard if (before := [one for one in sent if one < at])]
    late = [one for one in late if one < 500]        # others are words of the menu
    return {"beeps": len(late), "median_ms": round(statistics.median(late), 1), "worst_ms": round(max(late), 1)}


def busy(browser: Browser, service: Service) -> dict[str, object]:
    """Frames of a caller who speaks all the time, as the operator gets them, while the caller's page is blocked."""
    web = str(service.config["web"]["listen"])
    with person(browser, service, quiet=False) as caller, closing(
            WebPage(web, "/ws/phone", log_in(web, "boris", PASSWORD))) as boris:
        _equip(caller, "tone")
        boris.hello(take=True)
        page = _calls(caller.open("/try"))
        boris.comes("ringing", 20)
        boris.say("answer")
        boris.comes("talking")
        page.evaluate(BUSY, BLOCKED_MS)
        time.sleep(2)
        frames = _frames(boris, SECONDS)
        boris.say("hang_up")
        row = wait_for(lambda: [row for row in service.calls() if row["outcome"] == "answered"
                                and row["operator"] == "boris"], 10, "there is no row")[0]
        legs = service.api(f"/api/calls/{row['id']}")["legs"]
    lost = {leg["party"]: leg["figures"]["packets_lost"] for leg in legs}
    silent = sum(_loudness(frame) < QUIETEST for frame in frames)
    jumps = int(np.sum(np.abs(np.angle(np.exp(1j * (np.diff(_phases(frames)) - TURN)))) > JUMP))
    return {"blocked_ms_a_second": BLOCKED_MS, "seconds": SECONDS, "frames_due": round(50 * SECONDS),
            "frames": len(frames), "silent": silent, "jumps": jumps,
            "packets_lost": lost}


def _equip(somebody: Person, speech: str) -> None:
    somebody.context.add_init_script(f"window.speech = '{speech}'; {EARS}")


def _calls(page: Page) -> Page:
    """A caller who asks for an operator."""
    page.click("button.call")
    for key in "10":
        page.wait_for_selector(f".options button:has(kbd:text-is('{key}'))")
        page.keyboard.press(key)
    page.wait_for_selector(".place")
    return page


def _frames(phone: WebPage, seconds: float) -> list[bytes]:
    began, before = time.monotonic(), len(phone.heard)
    time.sleep(seconds)
    return [frame for at, frame in phone.heard[before:] if at <= began + seconds]


def _loudness(frame: bytes) -> int:
    return int(abs(decode_ulaw(np.frombuffer(frame, np.uint8)).astype(int)).max())


def _phases(frames: list[bytes]) -> np.ndarray:
    """Of the tone in each frame."""
    samples = decode_ulaw(np.frombuffer(b"".join(frames), np.uint8)).astype(float).reshape(len(frames), -1)
    wave = np.exp(-2j * np.pi * TONE_HZ * np.arange(samples.shape[1]) / 8000)
    found: np.ndarray = np.angle(samples @ wave)
    return found


def _operators(folder: Path) -> dict[str, Any]:
    known = {f"{use}_password_file": str(folder / "password") for use in ("phone", "web")}
    return {"operators": {"anna": known, "boris": known}}
