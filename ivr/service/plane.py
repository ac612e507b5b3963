"""The plane's process: RTP and its clock.

    python -m ivr.service.plane --name plane --socket PATH --ports 16384-17383 --host 0.0.0.0
"""

import argparse
import os
import sys


def main() -> int:
    """Run until SIGTERM, or until the parent is gone."""
    parser = argparse.ArgumentParser(prog="hotline plane")
    parser.add_argument("--socket", required=True, help="where control connects")
    parser.add_argument("--ports", required=True, type=_ports, help="UDP ports of the streams, FIRST-LAST")
    parser.add_argument("--host", action="append", help="the local address of the streams, one of each family; "
                        "0.0.0.0 if none is given")
    parser.add_argument("--wire", choices=("auto", "plain", "uring"), default="auto", help="what carries the packets")
    parser.add_argument("--lost-after", type=float, default=20.0, help="seconds of silence until it is reported")
    parser.add_argument("--clip-seconds", type=float, default=3600.0, help="room for all clips together")
    parser.add_argument("--name", default="plane", help="in the log: which of several planes this is")
    parser.add_argument("--codecs", nargs="+", default=["PCMU", "PCMA"], help="what streams may speak")
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--ready", type=int, default=-1)
    parser.add_argument("--lifeline", type=int, default=-1)
    arguments = parser.parse_args()
    # Read by numpy when it is imported, which is why that happens below: the plane needs no threads for matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.service.plane_loop import run
    return run(arguments)


def _ports(text: str) -> range:
    first, dash, last = text.partition("-")
    if not (dash and first.isdigit() and last.isdigit() and 0 < int(first) < int(last) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is no range of ports, such as 16384-17383")
    return range(int(first), int(last) + 1)


if __name__ == "__main__":
    sys.exit(main())
