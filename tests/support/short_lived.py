"""A child of the service that is ready at once and then dies: `python -m tests.support.short_lived --ready FD …`."""

import argparse
import sys

from ivr.service.lifeline import ready

CODE = 3

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready", type=int)
    parser.add_argument("--lifeline", type=int)
    ready(parser.parse_args().ready)
    sys.exit(CODE)
