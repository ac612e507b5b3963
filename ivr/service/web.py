"""The web process: uvicorn with the desk.

    python -m ivr.service.web --config config.yaml --run-dir DIR --ready FD
"""

import argparse
import os
import sys
from pathlib import Path

from desk.server import run_web
from ivr.base.errors import AdminError, Place
from ivr.drivers.config_file import load_config
from ivr.drivers.log import set_up_log
from ivr.drivers.passwords import database_url
from ivr.drivers.secrets_file import open_secrets
from ivr.service import lifeline
from ivr.service.open_files import allow_files

OPEN_FILES = 4096       # a stream, a telephone and a request of each of a thousand pages


def main() -> int:
    parser = argparse.ArgumentParser(prog="hotline web")
    parser.add_argument("--config", required=True)
    parser.add_argument("--run-dir", required=True)
    parser.add_argument("--ready", type=int, default=-1)
    parser.add_argument("--lifeline", type=int, default=-1)
    arguments = parser.parse_args()
    lifeline.watch(arguments.lifeline)
    allow_files(OPEN_FILES)
    try:
        config = load_config(arguments.config)
        set_up_log("web", config.log.level, config.log.full_numbers)
        run_web(config, open_secrets(config).secrets, database_url(config, os.environ),
                Path(arguments.run_dir) / "control.sock", lambda: lifeline.ready(arguments.ready),
                Place(arguments.config))
    except AdminError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
