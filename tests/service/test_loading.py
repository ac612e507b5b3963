"""What is read at the start is all that a call may need."""

from pathlib import Path

import pytest
import yaml

from ivr.base.errors import AdminError
from ivr.call.settings import HOLD_MUSIC
from ivr.service.loading import load_house
from tests.support.service import QUEUES, make_config


def test_load__who_is_transferred_from_a_menu_hears_music_too(tmp_path: Path) -> None:
    """No queue plays it, and the caller is in none."""
    queue = {"operators": ["anna"], "music": "en/welcome.wav"}
    config = make_config(tmp_path, queues=dict.fromkeys(QUEUES, queue))
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(config))
    loaded = load_house(file)
    assert {HOLD_MUSIC, "en/welcome.wav"} <= loaded.clips.keys()
    (tmp_path / "prompts").mkdir()
    config["prompts"]["folder"] = str(tmp_path / "prompts")
    file.write_text(yaml.safe_dump(config))
    with pytest.raises(AdminError, match=f"the music {HOLD_MUSIC} is not among the prompts"):
        load_house(file)
