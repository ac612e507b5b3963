"""A child of the service that takes for ever to start: `python -m tests.support.never_ready`."""

import signal

if __name__ == "__main__":
    signal.pause()
