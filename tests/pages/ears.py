"""What people at pages say and hear: a tone each as their microphone, and what their page sends to its loudspeaker."""

from playwright.sync_api import BrowserContext, Page

from tests.pages.rig import WAIT
from tests.support.service import wait_for

# The page's microphone is a tone; whatever goes to a loudspeaker, or into a stream for one, goes into an ear as well.
SCRIPT = """(() => {
  const hertz = %d;
  const connect = AudioNode.prototype.connect;
  const ears = [];
  AudioNode.prototype.connect = function (to, ...rest) {
    const loud = to instanceof AudioDestinationNode || (to instanceof MediaStreamAudioDestinationNode && !to.mouth);
    if (loud) {
      const ear = new AnalyserNode(this.context, { fftSize: 8192, smoothingTimeConstant: 0 });
      connect.call(this, ear);
      ears.push(ear);
    }
    return connect.call(this, to, ...rest);
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    await context.resume();
    const mouth = context.createMediaStreamDestination();
    mouth.mouth = true;
    const tone = new OscillatorNode(context, { frequency: hertz });
    const level = new GainNode(context, { gain: 0.3 });
    connect.call(connect.call(tone, level), mouth);
    tone.start();
    return mouth.stream;
  };
  window.hears = (wanted) => ears.some((ear) => {
    const heard = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(heard);
    const at = Math.round(wanted * ear.fftSize / ear.context.sampleRate);
    const tone = Math.max(...heard.slice(at - 2, at + 3));
    const beside = [...heard.slice(at - 40, at - 8), ...heard.slice(at + 9, at + 41)].sort((a, b) => a - b);
    return tone > -60 && tone - beside[beside.length >> 1] > 20;
  });
})()"""
QUIET = 0.4             # s for which a tone must be gone; an ear hears the last 0.17 s


def give_ears(context: BrowserContext, hertz: int) -> None:
    """Pages of this browser speak with a tone of `hertz`, and can be asked what they hear."""
    context.add_init_script(SCRIPT % hertz)


def hears(page: Page, hertz: int) -> bool:
    return bool(page.evaluate("(hertz) => window.hears(hertz)", hertz))


def wait_hears(page: Page, *tones: int) -> None:
    for hertz in tones:
        wait_for(lambda hertz=hertz: hears(page, hertz), WAIT, f"{page.url} does not hear {hertz} Hz")


def wait_deaf(page: Page, *tones: int) -> None:
    """Until none of these has been heard for QUIET seconds."""
    def quiet() -> bool:
        for _ in range(4):
            if any(hears(page, hertz) for hertz in tones):
                return False
            page.wait_for_timeout(QUIET * 1000 / 4)
        return True
    wait_for(quiet, WAIT, f"{page.url} still hears one of {tones} Hz")
