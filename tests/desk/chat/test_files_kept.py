"""Files of chats without a network: what they are by their content, what is left of them, where they lie, what goes."""

import io
import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from desk.chat.files.kinds import NotAllowed, examined
from desk.chat.files.pictures import Picture
from desk.chat.files.store import FileStore, NotStored, Owner
from desk.chat.files.sweep import Swept, sweep
from ivr.base import file_said
from ivr.base.config_files import FilesConfig
from ivr.base.file_said import FileSaid, clean_name
from routing.requests.database import open_database
from routing.requests.erasure import erase_old
from routing.requests.files import Files
from tests.support.pictures import PDF, SECRET, chunk, gif, jpeg, png, png_bomb, webp

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWNER = Owner("call-1", "caller", "web/abc")


def bare(data: bytes, found: Picture) -> bytes:
    """What is kept of it."""
    return b"".join(piece if isinstance(piece, bytes) else data[piece[0]:piece[1]] for piece in found.pieces)


# --- what a file is ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("data", "type_", "size"), [
    (png(), "image/png", (8, 6)), (jpeg(), "image/jpeg", (16, 8)), (gif(), "image/gif", (4, 3)),
    (webp(), "image/webp", (30, 20)), (PDF, "application/pdf", (0, 0)),
    ("Счёт № 7\r\n\t100 ₽\n".encode(), "text/plain", (0, 0)), (b"\xef\xbb\xbfwith a mark", "text/plain", (0, 0))])
def test_kind__is_what_the_content_says(data: bytes, type_: str, size: tuple[int, int]) -> None:
    found = examined(data)
    assert (found.type, (found.width, found.height)) == (type_, size)
    kept = bare(data, found)
    assert bare(kept, examined(kept)) == kept       # it is one still, and has nothing more to lose


@pytest.mark.parametrize("data", [
    b"<!doctype html><script>alert(1)</script>", b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"<?xml version='1.0'?>", b"MZ\x90\0", b"PK\3\4" + bytes(60), b"\x7fELF", "привет".encode("cp1251"), b"a\0b",
    b"BM" + bytes(60), b"II*\0" + bytes(60), b"\0\0\0\x20ftypheic", b"text\x1b[2J"])
def test_kind__nothing_else_is_taken(data: bytes) -> None:
    with pytest.raises(NotAllowed) as refused:
        examined(data)
    assert refused.value.reason == "file_kind"


@pytest.mark.parametrize("whole", [png(), jpeg(orientation=6), gif(), webp()])
def test_picture__cut_anywhere_is_broken_and_never_a_crash(whole: bytes) -> None:
    for length in range(16, len(whole) - 1):
        try:
            examined(whole[:length])
        except NotAllowed:
            continue
        pytest.fail(f"the first {length} octets of {len(whole)} are taken for a picture")


@given(st.sampled_from([png(), jpeg(orientation=3), gif(), webp()]), st.integers(6, 200), st.binary(max_size=40))
def test_picture__with_anything_in_the_middle_is_taken_or_refused(whole: bytes, at: int, other: bytes) -> None:
    data = whole[:at] + other + whole[at + len(other):]
    try:
        found = examined(data)
    except NotAllowed:
        return
    assert found.type in file_said.TYPES


@pytest.mark.parametrize("data", [
    gif()[:13] + b"\x21\xf9\0" * 100_000 + b"\x3b", gif()[:13] + b"\x21\xfe" + b"\1a" * 200_000 + b"\0\x3b",
    png()[:33] + chunk(b"IDAT", b"") * 30_000 + png()[33:], jpeg()[:2] + b"\xff\xe0\0\2" * 30_000 + jpeg()[2:],
    webp()[:4] + struct.pack("<I", 4 + 8 * 30_000) + b"WEBP" + b"VP8 \0\0\0\0" * 30_000])
def test_picture__of_more_parts_than_any_is_broken(data: bytes) -> None:
    with pytest.raises(NotAllowed) as refused:
        examined(data)
    assert refused.value.reason == "file_broken"


def test_picture__long_ones_are_taken_and_neighbours_are_one_piece() -> None:
    frame = b"\x21\xf9\4\0\0\0\0\0" + b"\x2c" + bytes(4) + b"\1\0\1\0\0\2" + (b"\xff" + b"x" * 255) * 9 + b"\1x\0"
    moving = gif(notes=b"")[:13 + 6] + frame * 4000 + b"\x3b"
    whole = examined(moving)
    assert len(whole.pieces) <= 3
    assert bare(moving, whole) == moving
    filled = jpeg()[:2] + b"\xff" * 1_000_000 + jpeg()[2:]
    assert bare(filled, examined(filled)) == bare(jpeg(), examined(jpeg()))


def test_jpeg__of_two_sizes_or_none_before_its_scan_is_broken() -> None:
    data = jpeg()
    at = data.index(b"\xff\xc0")
    frame = data[at:at + 2 + int.from_bytes(data[at + 2:at + 4], "big")]
    for other in (data.replace(frame, frame + frame), data.replace(frame, b"")):
        with pytest.raises(NotAllowed):
            examined(other)


@pytest.mark.parametrize("data", [png(notes=SECRET), jpeg(orientation=6), gif(), webp()])
def test_picture__where_it_was_taken_is_not_kept(data: bytes) -> None:
    assert SECRET in data
    assert SECRET not in bare(data, examined(data))


@pytest.mark.parametrize("data", [png(), jpeg(), gif(), webp()])
def test_picture__a_second_file_behind_it_is_not_kept(data: bytes) -> None:
    both = data + b"PK\3\4<script>alert(1)</script>"
    assert bare(both, examined(both)) == bare(data, examined(data))


@pytest.mark.parametrize(("orientation", "size"), [(1, (16, 8)), (3, (16, 8)), (6, (8, 16)), (9, (16, 8))])
def test_jpeg__stays_the_right_way_up(orientation: int, size: tuple[int, int]) -> None:
    data = jpeg(orientation=orientation)
    found = examined(data)
    kept = bare(data, found)
    assert (found.width, found.height) == size
    assert kept.count(b"Exif") == (orientation in (3, 6))
    assert examined(kept).width == found.width


def test_png__that_would_fill_the_memory_is_for_downloading_alone() -> None:
    found = examined(png_bomb())
    assert (found.type, found.width, found.height) == ("image/png", 0, 0)


@pytest.mark.parametrize("data", [
    png(0, 6), jpeg(0, 0), png()[:33] + chunk(b"ZZZZ", b"") + png()[33:], png()[:33] + chunk(b"IEND", b""),
    png()[:33] + struct.pack(">I4s", 0xFFFFFFF0, b"IDAT") + png()[41:]])
def test_picture__that_is_none_is_broken(data: bytes) -> None:
    with pytest.raises(NotAllowed) as refused:
        examined(data)
    assert refused.value.reason == "file_broken"


# --- names, bodies ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("given_name", "type_", "name"), [
    ("photo.PNG", "image/png", "photo.png"), ("../../etc/passwd", "text/plain", "passwd.txt"),
    ("C:\\Users\\me\\scan.pdf", "application/pdf", "scan.pdf"), ("evil.exe", "image/png", "evil.exe.png"),
    ("invoice\u202egnp.exe", "application/pdf", "invoicegnp.exe.pdf"),
    ("a\u200bb\x00c\r\nd.txt", "text/plain", "abc d.txt"),
    ("", "image/gif", "file.gif"), ("...", "image/gif", "file.gif"), (".png", "image/png", "file.png"),
    ('a<b>"c|d?.png', "image/png", "a_b__c_d_.png"), ("x" * 500 + ".jpg", "image/jpeg", "x" * 80 + ".jpg"),
    ("Счёт № 7.pdf", "application/pdf", "Счёт № 7.pdf"), ("page.html", "text/plain", "page.html.txt")])
def test_name__is_made_harmless(given_name: str, type_: str, name: str) -> None:
    assert clean_name(given_name, type_) == name


@given(st.text(max_size=300), st.sampled_from(sorted(file_said.TYPES)))
def test_name__whatever_it_was_can_be_said_and_read(given_name: str, type_: str) -> None:
    said = FileSaid("0" * 32, clean_name(given_name, type_), type_, 7)
    body = file_said.written(said)
    assert file_said.read(body) == said
    assert len(body) < 4096


@pytest.mark.parametrize("body", [
    "", "hello", "{}", "[]", "7", '{"file":"../../x","name":"a.png","type":"image/png","bytes":7}',
    '{"file":"%s","name":"a.png","type":"image/svg+xml","bytes":7}' % ("0" * 32),
    '{"file":"%s","name":"a.png","type":"image/png","bytes":-7}' % ("0" * 32),
    '{"file":"%s","name":"a.png","type":"image/png","bytes":true}' % ("0" * 32),
    '{"file":"%s","name":"a/b.png","type":"image/png","bytes":7}' % ("0" * 32),
    '{"file":"%s","name":"a.png","type":"image/png","bytes":7,"width":5}' % ("0" * 32),
    '{"file": "%s","name":"a.png","type":"image/png","bytes":7}' % ("0" * 32),
    '{"file":"%s","name":"a.png","type":"image/png","bytes":7,"more":1}' % ("0" * 32), '{"file":' * 2000])
def test_body__that_we_did_not_write_is_no_file(body: str) -> None:
    with pytest.raises(ValueError, match="this is no file"):
        file_said.read(body)


# --- on the disk ------------------------------------------------------------------------------------------------------
class House:
    """A store and its database."""

    def __init__(self, folder: Path, engine: Engine, **settings: float) -> None:
        self.now = NOW
        self.engine = engine
        self.store = FileStore(FilesConfig.model_validate({"min_free_mb": 0} | settings), str(folder), Files(engine),
                               "hotline", lambda: self.now)

    def paths(self) -> list[Path]:
        return [path for path in self.store.folder.rglob("*") if path.is_file()]

    def run(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def chat(self, ended: datetime) -> None:
        at = ended.strftime("%Y-%m-%d %H:%M:%S.%f")
        self.run("INSERT INTO calls (id, revision, node, boot_id, line, dialled, language, began_at, ended_at, "
                 "ended_by, reason, queue, operator, menu_version, sip_call_id, direction, channel) VALUES ('call-1', "
                 "1, 'hotline', 'b', '100', '', 'en', :at, :at, '', '', '', '', '', '', 'inbound', 'web')", at=at)
        self.run("INSERT INTO people (call_id, caller_name) VALUES ('call-1', 'Maria')")

    def say(self, body: str) -> None:
        self.run("INSERT INTO messages (id, call_id, position, at, sender, audience, kind, body, key, options) VALUES "
                 "('call-1/m0', 'call-1', 0, '2026-11-23 12:00:00.000000', 'caller', 'all', 'file', :body, '', '[]')",
                 body=body)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'record.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def house(tmp_path: Path, engine: Engine) -> House:
    return House(tmp_path, engine)


def test_store__keeps_what_was_sent_and_nothing_else(house: House) -> None:
    stored = house.store.store_file(io.BytesIO(png(notes=SECRET)), "../me.png", OWNER, 10_000)
    opened = house.store.open_file(stored.said.file)
    assert opened is not None
    assert opened.path.read_bytes() == png()
    assert (opened.row.name, opened.row.type, opened.row.visitor, opened.row.octets) == (
        "me.png", "image/png", "web/abc", len(png()))
    assert file_said.read(stored.body) == stored.said
    assert [path.stat().st_mode & 0o777 for path in house.paths()] == [0o600]
    assert opened.path.parent.stat().st_mode & 0o777 == 0o700
    for name in ("../record.db", "", stored.said.file + "/", "0" * 32, stored.said.file.upper() + "\n"):
        assert house.store.open_file(name) is None


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "empty"), (b"x" * 1001, "too_large"), (b"<html>", "file_kind"), (png()[:40], "file_broken"),
    (b"x" * 1000, "")])
def test_store__what_is_refused_leaves_nothing(house: House, content: bytes, reason: str) -> None:
    if not reason:
        house.store.store_file(content, "a.txt", OWNER, 1000)
        return
    with pytest.raises(NotStored) as refused:
        house.store.store_file(content, "a.png", OWNER, 1000)
    assert refused.value.reason == reason
    assert house.paths() == []


def test_store__a_chat_and_a_node_and_a_disk_have_bounds(tmp_path: Path, engine: Engine) -> None:
    by_count = House(tmp_path, engine, max_per_chat=2)
    for _ in range(2):
        by_count.store.store_file(b"x" * 500, "a.txt", OWNER, 1000)
    for house, call, reason in ((by_count, "call-1", "files_full"),
                                (House(tmp_path, engine, max_mb_per_chat=0.001), "call-1", "files_full"),
                                (House(tmp_path, engine, max_gb=0.000001), "call-2", "no_space"),
                                (House(tmp_path, engine, min_free_mb=10_000_000), "call-2", "no_space")):
        with pytest.raises(NotStored) as refused:
            house.store.store_file(b"x" * 500, "a.txt", OWNER._replace(call=call), 1000)
        assert refused.value.reason == reason
    assert len(by_count.paths()) == 2


def test_store__what_came_at_the_same_time_counts(tmp_path: Path, engine: Engine) -> None:
    store = House(tmp_path, engine, max_per_chat=1).store
    first, second = store.begin(OWNER, 1000), store.begin(OWNER, 1000)
    with first, second:
        for upload in (first, second):
            upload.write(b"hello")
        first.finish("a.txt")
        with pytest.raises(NotStored) as refused:
            second.finish("b.txt")
    assert refused.value.reason == "files_full"
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


def test_store__a_database_that_is_away_leaves_no_file(house: House) -> None:
    house.run("DROP TABLE files")
    with pytest.raises(Exception, match="no such table"):
        house.store.store_file(b"hello", "a.txt", OWNER, 1000)
    assert house.paths() == []


# --- what goes --------------------------------------------------------------------------------------------------------
def test_sweep__keeps_what_was_said_and_deletes_what_nobody_says(house: House) -> None:
    said = house.store.store_file(b"said", "a.txt", OWNER, 1000)
    unsaid = house.store.store_file(b"unsaid", "b.txt", OWNER, 1000)
    house.chat(NOW)
    house.say(said.body)
    lost, part = house.store.path("ab" + "0" * 30), house.store.part("f" * 32)
    lost.parent.mkdir(exist_ok=True)
    for path in (lost, part):
        path.write_bytes(b"left by a process that died")
    assert sweep(house.store, NOW) == Swept()                   # all of it may be on its way
    for path in house.paths():
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert sweep(house.store, NOW + timedelta(hours=2)) == Swept(files=1, parts=1)
    assert sweep(house.store, NOW + timedelta(hours=25)) == Swept(files=1, unsaid=1)
    assert sweep(house.store, NOW + timedelta(days=400)) == Swept()
    assert [path.name for path in house.paths()] == [said.said.file]
    assert house.store.open_file(unsaid.said.file) is None


def test_erasure__takes_the_files_of_a_chat_with_its_words(house: House) -> None:
    stored = house.store.store_file(png(), "Maria.png", OWNER, 1000)
    house.chat(NOW - timedelta(days=40))
    house.say(stored.body)
    erase_old(house.engine, NOW - timedelta(days=30), NOW)
    assert house.store.open_file(stored.said.file) is None
    assert sweep(house.store, NOW) == Swept(files=1)
    assert house.paths() == []
    with house.engine.connect() as connection:
        row = connection.execute(text("SELECT name, visitor, octets FROM files")).one()
        assert tuple(row) == ("", "", len(png()))
        assert connection.scalar(text("SELECT body FROM messages")) is None
