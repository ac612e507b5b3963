"""A child of the service that is ready at once and then dies."""

import argparse

from ivr.service.lifeline import ready

CODE = 3


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready", type=int)
    parser.add_argument("--lifeline", type=int)
    ready(parser.parse_args().ready)
    return CODE
