"""What all tests with real phones share."""

from pathlib import Path

import pytest

from tests.phones.hearing import write_tone

CALLER_HERTZ, OPERATOR_HERTZ = 440, 880


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What callers and operators say: a tone each, by `caller` and `operator`."""
    folder = tmp_path_factory.mktemp("tones")
    return {"caller": write_tone(folder / "caller.wav", CALLER_HERTZ),
            "operator": write_tone(folder / "operator.wav", OPERATOR_HERTZ)}
