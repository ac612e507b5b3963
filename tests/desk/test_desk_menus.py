"""What screens see of menus: versions, trials, and a change that is not used."""

import pytest

from tests.desk.desk_rig import Rig

LINE = {"line": "100", "file": "/menus/bank.yaml", "version": "6045ae2d2c28a615", "announcements": "f1fcb261ecc99646",
        "since": "2026-03-02T09:00:00Z", "returned": "", "trial": None}
TRIAL = {"version": "77aa", "percent": 5.0, "new": {"calls": 3, "lost": 1}, "old": {"calls": 60, "lost": 6}}
MENUS = {"refused": [], "refused_at": None, "waiting_for_sounds": 0, "editions": 2, "lines": [LINE | {"trial": TRIAL}]}


def test_menus__as_control_shows_them(rig: Rig) -> None:
    rig.control.snapshot["menus"] = MENUS
    assert rig.program.get("/api/menus").json() == MENUS
    assert rig.logged_in("olga").get("/api/menus").status_code == 200
    assert rig.logged_in("anna").get("/api/menus").status_code == 403
    assert rig.stranger.get("/api/menus").status_code == 401


@pytest.mark.parametrize(("changed", "says"), [
    ({"refused": ["bank.yaml:3:5: error: nonsense", "bank.yaml:4:5: error: more"]},
     "a change is not used; faults: 2 (hotline menu status)"),
    ({"lines": [LINE | {"returned": "77aa"}]},
     "a trial lost more callers and was taken back: line 100, version 77aa"),
])
def test_health__a_menu_that_is_not_used_stops_no_call(rig: Rig, changed: dict[str, object], says: str) -> None:
    rig.control.snapshot["menus"] = MENUS | changed
    """Neither a path nor a word of a file is told to strangers."""
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert answer.json()["checks"]["menus"] == {"ok": False, "detail": says}
