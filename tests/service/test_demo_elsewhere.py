"""`hotline demo` with a menu that is not the sample's: it says so and leaves no traceback."""

from pathlib import Path

import pytest
import yaml

from ivr.base.errors import AdminError
from ivr.service import demo
from ivr.service.loading import load_house
from tests.support.service import make_config


def test_demo__its_caller_reaches_no_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(make_config(tmp_path, operators={}, queues={
        name: {"operators": []} for name in ("lost_card", "cards", "loans", "deposits", "transfers", "corporate",
                                             "general")})))
    monkeypatch.setattr(demo, "STORY", ((1.0, "*"),))
    with pytest.raises(AdminError, match=r"reached no operator"):
        demo.tell(load_house(file), tmp_path / "demo")
