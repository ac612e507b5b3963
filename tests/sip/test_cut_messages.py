"""Every message of the corpora and of our own set, cut at every byte: nothing but PeerError escapes the parser."""

import os
from pathlib import Path

import pytest
import yaml

from tests.support.own_torture import ALL
from tests.support.swallow import swallow
from tests.support.torture import FILES, corpus

NAMES = [name for name, _ in FILES]


@pytest.mark.parametrize("name", NAMES)
def test_cut__torture_messages(name: str) -> None:
    cut_everywhere(corpus(name))


def test_cut__own_torture_messages() -> None:
    for odd in ALL:
        cut_everywhere(odd.data)


def test_cut__call_flows() -> None:
    corpus(NAMES[0])
    flows = sorted((Path(os.environ["HOTLINE_TESTDATA"]) / "rfc3665").glob("*.yaml"))
    messages = [text for path in flows for text in yaml.safe_load(path.read_text())]
    assert len(messages) > 150
    for text in messages:
        cut_everywhere(text.replace("\n", "\r\n").encode())


def cut_everywhere(data: bytes) -> None:
    for end in range(len(data) + 1):
        swallow(data[:end])
