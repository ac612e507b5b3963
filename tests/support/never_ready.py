"""A child of the service that takes for ever to start."""

import signal


def main() -> int:
    signal.pause()
    return 0
