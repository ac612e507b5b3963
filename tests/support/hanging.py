"""A child of the service with a pulse; given `--beats N` it hangs after so many, 0.2 s apart."""

import argparse
import signal
import time

from ivr.service import lifeline


def main() -> int:
    lifeline.BEAT = 0.0
    parser = argparse.ArgumentParser()
    parser.add_argument("--beats", type=int)
    parser.add_argument("--ready", type=int)
    parser.add_argument("--lifeline", type=int)
    arguments = parser.parse_args()
    lifeline.watch(arguments.lifeline)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pulse = lifeline.Pulse(arguments.ready)
    for _ in range(arguments.beats):
        pulse.beat(time.monotonic())
        time.sleep(0.2)
    signal.pause()
    return 0
