"""Recordings at the desk: heard by those who may, each time written down; erased; kept no longer than configured."""

import asyncio
import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.keeping import ABANDONED, Done, Keeper
from desk.keeping import keep as keep_looking
from ivr.base.config_recordings import RecordingsConfig
from ivr.base.values import changed
from ivr.call.record import Batch, RecordingRow
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.sound_file import BYTES_PER_SECOND, HEADER_BYTES, PART, wav_header
from routing.requests.recordings import RecordingFilter, Recordings
from routing.requests.transaction import write
from tests.desk.desk_rig import NOON, Rig, visit
from tests.desk.test_desk_visible import answers

AUDIO = bytes(range(256)) * 125         # a second


def row(number: int, **changes: Any) -> RecordingRow:
    """Of the call of this number, one second long."""
    began = NOON + timedelta(minutes=number)
    return RecordingRow(**{
        "id": f"call-{number}-1", "call_id": f"call-{number}", "revision": 2, "queue": "cards", "operator": "anna",
        "why": "always", "by": "", "format": "wav", "file": f"{began:%Y-%m-%d}/call-{number}-1.wav", "began_at": began,
        "ended_at": began + timedelta(seconds=1), "seconds": 1.0, "octets": HEADER_BYTES + len(AUDIO),
        "muted": ((0.25, 0.5),), "reason": "the call ended", **changes})


def keep(rig: Rig, *rows: RecordingRow, folder: Path, ending: str = "") -> None:
    """Rows and their files."""
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(recordings=rows)])
    for one in rows:
        path = folder / "recordings" / (one.file + ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_header(len(AUDIO)) + AUDIO)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def kept(rig: Rig, folder: Path) -> Rig:
    keep(rig, row(1), row(2, queue="loans"), folder=folder)
    rig.clock.now = NOON.timestamp()
    return rig


# --- the API ---------------------------------------------------------------------------------------------------------
def test_recordings__messages_are_for_the_operators_of_their_queue(rig: Rig, folder: Path) -> None:
    """Each time is written down; nobody is told whether there are others."""
    keep(rig, row(1, why="voicemail"), row(2, why="voicemail", queue="loans"), row(3), folder=folder)
    rig.clock.now = NOON.timestamp()
    anna = rig.logged_in("anna")
    assert anna.get("/api/recordings/call-1-1/audio").content == wav_header(len(AUDIO)) + AUDIO
    for other in ("call-2-1", "call-3-1", "call-9-1"):
        assert anna.get(f"/api/recordings/{other}/audio").status_code == 403
    assert anna.delete("/api/recordings/call-1-1").status_code == 403
    uses = rig.program.get("/api/recordings/call-1-1").json()["uses"]
    assert [(use["who"], use["what"]) for use in uses] == [("anna", "fetched")]


def test_recordings__listed_and_in_their_call(kept: Rig) -> None:
    items = kept.program.get("/api/recordings").json()["items"]
    assert [item["id"] for item in items] == ["call-2-1", "call-1-1"]
    assert items[1]["muted"] == [[0.25, 0.5]]
    assert "file" not in items[0]
    assert [item["id"] for item in kept.program.get("/api/recordings?queue=loans").json()["items"]] == ["call-2-1"]
    assert [item["id"] for item in kept.program.get("/api/calls/call-1").json()["recordings"]] == ["call-1-1"]


def test_audio__whole_and_in_parts_and_who_heard_it_is_written_down(kept: Rig) -> None:
    path = "/api/recordings/call-1-1/audio"
    whole = kept.program.get(path)
    assert whole.content == wav_header(len(AUDIO)) + AUDIO
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("audio/wav", "bytes")
    assert whole.headers["cache-control"] == "no-store"
    admin = kept.logged_in("admin")
    for _ in range(3):
        part = admin.get(path, headers={"Range": "bytes=100-199"})
        assert part.status_code == 206
        assert part.content == (wav_header(len(AUDIO)) + AUDIO)[100:200]
        assert part.headers["content-range"] == f"bytes 100-199/{HEADER_BYTES + len(AUDIO)}"
    details = kept.program.get("/api/recordings/call-1-1").json()
    assert sorted((use["who"], use["what"]) for use in details["uses"]) == [("admin", "fetched"), ("api", "fetched")]
    assert kept.program.get("/api/recordings/call-2-1").json()["uses"] == []


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/api/recordings"), ("GET", "/api/recordings/call-1-1"), ("GET", "/api/recordings/call-1-1/audio"),
    ("DELETE", "/api/recordings/call-1-1")])
def test_recordings__are_for_administrators(kept: Rig, method: str, path: str) -> None:
    assert kept.stranger.request(method, path).status_code == 401
    assert kept.logged_in("anna").request(method, path).status_code == 403
    assert kept.program.get("/api/recordings/call-1-1").json()["uses"] == []
    assert kept.program.get("/api/recordings/call-1-1/audio").status_code == 200


def test_erase__deletes_the_audio_and_a_late_batch_brings_nothing_back(kept: Rig, folder: Path) -> None:
    admin = kept.logged_in("admin")
    assert admin.delete("/api/recordings/call-1-1").status_code == 204
    assert not (folder / "recordings" / row(1).file).exists()
    assert admin.get("/api/recordings/call-1-1/audio").json()["code"] == "erased"
    with kept.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(recordings=(row(1, revision=3),))])
    details = kept.program.get("/api/recordings/call-1-1").json()
    assert (details["recording"]["erased_by"], details["recording"]["erased_at"] is None) == ("admin", False)
    assert [use["what"] for use in details["uses"]] == ["erased"]
    assert kept.program.get("/api/recordings?erased=false").json()["items"][0]["id"] == "call-2-1"


def test_audio__that_goes_on_or_is_lost(kept: Rig, folder: Path) -> None:
    keep(kept, row(3, ended_at=None, seconds=None), folder=folder, ending=PART)
    assert kept.program.get("/api/recordings/call-3-1/audio").json()["code"] == "going_on"
    assert kept.program.delete("/api/recordings/call-3-1").status_code == 409
    (folder / "recordings" / row(2).file).unlink()
    assert kept.program.get("/api/recordings/call-2-1/audio").json()["code"] == "no_file"
    assert kept.program.get("/api/recordings/nothing/audio").status_code == 404


def test_audio__never_of_a_file_outside(kept: Rig, folder: Path) -> None:
    (folder / "secret.wav").write_bytes(AUDIO)
    keep(kept, row(3, file="2026-11-20/../../secret.wav"), folder=folder)
    assert kept.program.get("/api/recordings/call-3-1/audio").status_code == 404


def test_on_demand__is_passed_to_control_with_who_asks(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(rig, monkeypatch, begin_recording={}, end_recording=ControlRefused("not_yours", "it is not"))
    assert rig.logged_in("anna").post("/api/calls/c1/recording").status_code == 204
    assert rig.program.delete("/api/calls/c1/recording").status_code == 403
    assert asked == [("begin_recording", {"call": "c1", "by": "anna", "admin": False}),
                     ("end_recording", {"call": "c1", "by": "api", "admin": True})]
    assert rig.stranger.post("/api/calls/c1/recording").status_code == 401


def test_health__of_recordings_that_fail_is_degraded(rig: Rig) -> None:
    rig.control.snapshot["recordings"] = {"running": 2, "fault": "the disk is full"}
    answer = rig.stranger.get("/health")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert "the disk is full" in answer.json()["checks"]["recordings"]["detail"]
    text = rig.program.get("/metrics").text
    assert "hotline_recordings_running 2.0" in text
    assert "hotline_recordings_failing 1.0" in text


# --- how long they are kept ------------------------------------------------------------------------------------------
def keeper(rig: Rig, folder: Path, node: str = "hotline", **settings: Any) -> Keeper:
    given = {"folder": str(folder / "recordings"), "keep_days": 30, **settings}
    return Keeper(RecordingsConfig.model_validate(given), Recordings(rig.engine), node)


def heard(rig: Rig) -> list[str]:
    return [one.id for one in Recordings(rig.engine).page(RecordingFilter(erased=False)).items]


def test_retention__day_after_day(rig: Rig, folder: Path) -> None:
    rows = [row(number, began_at=NOON + timedelta(days=number),
                file=f"{NOON + timedelta(days=number):%Y-%m-%d}/call-{number}-1.wav") for number in range(5)]
    keep(rig, *rows, folder=folder)
    looked = keeper(rig, folder)
    gone = []
    for day in range(36):
        done = looked.look(NOON + timedelta(days=day, hours=1))
        gone += [day] * done.old
        assert len(heard(rig)) == 5 - len(gone)
        assert len(list((folder / "recordings").glob("*/*.wav"))) == 5 - len(gone)
    assert gone == [30, 31, 32, 33, 34]
    assert not list((folder / "recordings").iterdir())
    found = Recordings(rig.engine).get("call-0-1")
    assert found is not None
    assert (found.erased_by, found.erased_at) == ("retention", NOON + timedelta(days=30, hours=1))


def test_retention__of_a_file_that_no_row_knows(rig: Rig, folder: Path) -> None:
    stray = folder / "recordings" / "2026-11-20" / "call-9-1.wav"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(AUDIO)
    assert keeper(rig, folder).look(NOON + timedelta(days=30)) == Done()
    assert stray.exists()
    keeper(rig, folder).look(NOON + timedelta(days=31))
    assert not stray.parent.exists()


def test_retention__touches_nothing_that_is_no_recording(rig: Rig, folder: Path) -> None:
    """The folder may hold others' days, too."""
    day = folder / "recordings" / "2026-01-01"
    (day / "more").mkdir(parents=True)
    for name in ("accounts.sql", "call-9-1.wav", "call-9-2.ogg"):
        (day / name).write_bytes(AUDIO)
    assert keeper(rig, folder).look(NOON) == Done()
    assert {path.name for path in day.iterdir()} == {"accounts.sql", "more"}


def test_retention__goes_on_after_a_fault_of_ours(rig: Rig, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[datetime] = []

    def look(self: Keeper, now: datetime) -> Done:
        looked.append(now)
        raise RuntimeError("a bug")

    async def for_a_while() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(keep_looking(keeper(rig, folder), NOON.timestamp), 0.2)

    monkeypatch.setattr(Keeper, "look", look)
    monkeypatch.setattr("desk.keeping.EVERY", 0.01)
    asyncio.run(for_a_while())
    assert len(looked) > 1


def test_room__the_oldest_go_first(rig: Rig, folder: Path) -> None:
    keep(rig, *(row(number) for number in range(5)), folder=folder)
    size = HEADER_BYTES + len(AUDIO)
    done = keeper(rig, folder, max_gb=2.5 * size / 1e9).look(NOON + timedelta(days=1))
    assert done == Done(early=3)
    assert heard(rig) == ["call-4-1", "call-3-1"]
    assert {path.name for path in (folder / "recordings").glob("*/*")} == {"call-3-1.wav", "call-4-1.wav"}
    assert keeper(rig, folder, max_gb=2.5 * size / 1e9).look(NOON + timedelta(days=1)) == Done()


def of_another_node(rig: Rig, folder: Path) -> RecordingRow:
    """Of a call that another server took, which writes into the same database; its file lies there."""
    (call,) = visit(7).calls
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(calls=(changed(call, id="call-7", node="other"),))])
    keep(rig, row(7), folder=folder)
    (folder / "recordings" / row(7).file).unlink()
    return row(7)


def test_another_node__has_its_own_folder_and_keeps_it_itself(rig: Rig, folder: Path) -> None:
    of_another_node(rig, folder)
    keep(rig, row(1), folder=folder)
    assert keeper(rig, folder, max_gb=1e-9).look(NOON + timedelta(hours=1)) == Done(early=1)
    assert keeper(rig, folder).look(NOON + timedelta(days=99)) == Done()
    assert heard(rig) == ["call-7-1"]
    assert keeper(rig, folder, "other").look(NOON + timedelta(days=99)) == Done(old=1)


def test_another_node__is_asked_for_its_recordings(rig: Rig, folder: Path) -> None:
    of_another_node(rig, folder)
    for answer in (rig.program.delete("/api/recordings/call-7-1"), rig.program.get("/api/recordings/call-7-1/audio")):
        assert (answer.status_code, answer.json()["code"]) == (409, "elsewhere")
        assert "at the node other" in answer.json()["message"]
    assert heard(rig) == ["call-7-1"]


@pytest.mark.parametrize("writer_lives", [False, True])
def test_erase__takes_a_part_too_that_would_come_back_else(rig: Rig, folder: Path, writer_lives: bool) -> None:
    """The row has its end when the plane dies, or the disk is too slow; the file has its name only later."""
    keep(rig, row(1, failed=True, reason="the media plane died"), folder=folder, ending=PART)
    with (folder / "recordings" / (row(1).file + PART)).open("rb+") as file:
        if writer_lives:
            fcntl.flock(file, fcntl.LOCK_EX)
        assert rig.program.delete("/api/recordings/call-1-1").status_code == 204
    assert keeper(rig, folder).look(NOON + timedelta(hours=1)) == Done()
    assert not list((folder / "recordings").glob("*/*"))


def test_room__of_a_file_that_gets_its_name_while_we_look(rig: Rig, folder: Path) -> None:
    keep(rig, row(1), row(2), folder=folder)
    (folder / "recordings" / row(1).file).with_name("call-3-1.wav.part").symlink_to("gone")
    assert keeper(rig, folder, max_gb=1e-9).look(NOON + timedelta(hours=1)) == Done(early=2)


def test_left_behind__is_finished_and_its_row_ended(rig: Rig, folder: Path) -> None:
    """The plane was killed, and control with it: the file is a part, the row has no end."""
    keep(rig, row(1, revision=1, ended_at=None, seconds=None, octets=None), folder=folder, ending=PART)
    part = folder / "recordings" / (row(1).file + PART)
    with part.open("ab") as file:
        file.write(bytes(BYTES_PER_SECOND + 3))         # more than its header tells, and a frame that is torn
    assert keeper(rig, folder).look(NOON + timedelta(hours=1)) == Done(finished=1, abandoned=1)
    found = Recordings(rig.engine).get("call-1-1")
    assert found is not None
    assert (found.seconds, found.failed, found.reason) == (2.0, True, ABANDONED)
    assert rig.program.get("/api/recordings/call-1-1/audio").content[:HEADER_BYTES] == wav_header(2 * BYTES_PER_SECOND)


def test_left_behind__but_its_writer_lives(rig: Rig, folder: Path) -> None:
    keep(rig, row(1), folder=folder, ending=PART)
    part = folder / "recordings" / (row(1).file + PART)
    file = os.open(part, os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    assert keeper(rig, folder).look(NOON + timedelta(hours=1)) == Done()
    assert part.exists()
    os.close(file)
    assert keeper(rig, folder).look(NOON + timedelta(hours=1)) == Done(finished=1)


def test_left_behind__of_a_call_that_goes_on_stays(rig: Rig, folder: Path) -> None:
    keep(rig, row(4, revision=1, ended_at=None), folder=folder)
    assert keeper(rig, folder).look(NOON + timedelta(hours=1)) == Done()


def test_abandoned__a_late_row_of_control_changes_nothing(rig: Rig, folder: Path) -> None:
    keep(rig, row(1, revision=1, ended_at=None), folder=folder)
    keeper(rig, folder).look(NOON + timedelta(hours=1))
    with rig.engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(recordings=(row(1, ended_at=datetime(2027, 1, 1, tzinfo=UTC)),))])
    found = Recordings(rig.engine).get("call-1-1")
    assert found is not None
    assert found.reason == ABANDONED
