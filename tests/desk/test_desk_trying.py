"""/api/try: what a stranger may know, and whether they may call."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.desk.desk_rig import Rig


def on(rig: Rig, base_url: str) -> bool:
    answer = rig.client(base_url).get("/api/try")
    assert answer.status_code == 200, answer.text
    return bool(answer.json()["on"])


@pytest.mark.parametrize(("open_to", "here", "elsewhere"), [
    ("this_machine", True, False), ("anybody", True, True), ("nobody", False, False)])
def test_try__is_open_as_the_configuration_says(tmp_path: Path, open_to: str, here: bool, elsewhere: bool) -> None:
    rig = Rig(tmp_path, create_engine("sqlite://"), try_page={"open_to": open_to})
    assert on(rig, "http://localhost:8080") is here
    assert on(rig, "http://hotline.example") is elsewhere
    rig.close()


def test_try__who_is_logged_in_may_always(rig: Rig) -> None:
    assert not on(rig, "http://desk")
    assert rig.logged_in("anna").get("/api/try").json()["on"] is True


def test_try__names_lines_by_their_menu_where_nobody_gave_a_title(rig: Rig) -> None:
    assert rig.stranger.get("/api/try").json()["lines"] == [{"number": "100", "titles": {"": "Bank"}, "languages": []}]
