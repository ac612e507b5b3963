"""The messages that the soak begins with: our own odd ones, and the corpora where HOTLINE_TESTDATA names them."""

import os
from pathlib import Path

import yaml

from tests.support.own_torture import ALL
from tests.support.torture import FILES


def messages() -> dict[str, bytes]:
    """Name -> message."""
    found = {odd.name: odd.data for odd in ALL}
    folder = os.environ.get("HOTLINE_TESTDATA")
    if folder:
        found |= {name: (Path(folder) / name).read_bytes() for name, _ in FILES}
        for path in sorted((Path(folder) / "rfc3665").glob("*.yaml")):
            for number, text in enumerate(yaml.safe_load(path.read_text()), 1):
                found[f"{path.stem}/F{number}"] = text.replace("\n", "\r\n").encode()
    return found
