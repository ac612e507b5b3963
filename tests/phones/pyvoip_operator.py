"""pyVoIP as an operator's phone: it registers, answers one call, says a tone, keeps what it hears, and hangs up.

    pyvoip_operator.py HOST USER PASSWORD OWN_HOST TONE HEARD SECONDS   (SECONDS 0: until the other side hangs up)

TONE and HEARD are files of its own kind: 8,000 unsigned bytes a second. It prints what happens: "registered",
"answered", "hung up" or "ended".
"""

import sys
import threading
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")         # it warns of whatever it does not know

from pyVoIP.VoIP import CallState, VoIPPhone  # noqa: E402

host, user, password, own_host, tone, heard, seconds = sys.argv[1:]
over = threading.Event()


def on_call(call):
    call.answer()
    print("answered", flush=True)
    end = time.monotonic() + float(seconds) if float(seconds) else float("inf")
    call.write_audio(Path(tone).read_bytes())
    with Path(heard).open("wb") as file:
        while call.state == CallState.ANSWERED and time.monotonic() < end:
            file.write(call.read_audio(160, False))
            time.sleep(0.02)
    if call.state == CallState.ANSWERED:
        call.hangup()
        print("hung up", flush=True)
    else:
        print("ended", flush=True)
    over.set()


phone = VoIPPhone(host, 5060, user, password, callCallback=on_call, myIP=own_host, sipPort=5060,
                  rtpPortLow=42_000, rtpPortHigh=42_998)
phone.start()
print("registered", flush=True)
over.wait(120)
time.sleep(0.5)
phone.stop()
