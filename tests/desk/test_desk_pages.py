"""Built pages as they are served: their policy, caching, packing, and nothing beside them."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from desk.guards import Guards
from desk.pages_served import pages_router
from desk.problems import add_problem_handlers
from tests.desk.desk_rig import Client

INDEX = "<!doctype html><script type=module src=/assets/index-a1.js></script>"
SCRIPT = "console.log('a line that is said again and again');" * 100
AREAS = Path(__file__).parents[2] / "desk/pages/src/areas.tsx"


def client_of(folder: Path, runner: asyncio.Runner, base_url: str = "http://desk",
              framed_by: tuple[str, ...] = (), *, chat_speaks: bool = False) -> Client:
    app = FastAPI(docs_url=None, redoc_url=None)
    app.include_router(pages_router(folder, framed_by, chat_speaks=chat_speaks))
    add_problem_handlers(app)
    app.add_middleware(Guards)
    return Client(runner, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url))


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    for name, content in (("index.html", INDEX), ("icon.svg", "<svg/>"), ("chat.js", "(() => {})()"),
                          ("manifest.json", "{}"), ("source.txt", "ab"), ("assets/index-a1.js", SCRIPT),
                          ("assets/index-b2.css", "body{}")):
        (folder / name).write_text(content)
    (tmp_path / "secrets.json").write_text("not for you")
    (folder / "assets" / "link.js").symlink_to(tmp_path / "nowhere")
    return folder


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def client(built: Path, runner: asyncio.Runner) -> Client:
    return client_of(built, runner)


def test_pages__every_area_has_the_one_page(client: Client) -> None:
    areas = re.findall(r'\bat: "([^"]+)"', AREAS.read_text())
    assert len(areas) > 5
    for path in ("/", *areas, "/admin/menus/main", "/admin/recordings", "/desk?call=1"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, INDEX), path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"


def test_pages__policy_lets_nothing_in_that_is_not_ours(client: Client) -> None:
    for path in ("/", "/assets/index-a1.js"):
        headers = client.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["worker-src"] == "'self'"
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["permissions-policy"].startswith("microphone=(self)")
        assert headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in headers


def test_pages__the_chat_alone_is_shown_in_frames_and_by_whom_the_house_names(built: Path,
                                                                              runner: asyncio.Runner) -> None:
    named = client_of(built, runner, framed_by=("'self'", "https://bank.example"))
    for client, path, ancestors in ((named, "/chat", "'self' https://bank.example"), (named, "/desk", "'none'"),
                                    (named, "/chat.js", "'none'"), (client_of(built, runner), "/chat", "'none'")):
        headers = client.get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["frame-ancestors"] == ancestors, path
        assert ("x-frame-options" in headers) == (ancestors == "'none'"), path
        assert policy["script-src"] == "'self'"
    again = named.get("/chat", headers={"If-None-Match": named.get("/chat").headers["etag"]})
    assert (again.status_code, "x-frame-options" in again.headers) == (304, False)
    assert named.get("/chat").headers["permissions-policy"] == "microphone=(), camera=(), geolocation=()"
    speaks = client_of(built, runner, framed_by=("https://bank.example",), chat_speaks=True)
    assert speaks.get("/chat").headers["permissions-policy"] == "microphone=(self), camera=(), geolocation=()"


def test_pages__the_script_of_the_chat_may_be_taken_by_other_pages_and_nothing_else(client: Client) -> None:
    assert client.get("/chat.js").headers["cross-origin-resource-policy"] == "cross-origin"
    for path in ("/chat", "/icon.svg", "/assets/index-a1.js"):
        assert client.get(path).headers["cross-origin-resource-policy"] == "same-origin"


def test_pages__https_stays(built: Path, runner: asyncio.Runner) -> None:
    secure = client_of(built, runner, "https://desk")
    for path in ("/", "/nothing"):
        assert secure.get(path).headers["strict-transport-security"] == "max-age=31536000"


def test_pages__hashed_files_are_kept_for_ever_and_packed_once(client: Client) -> None:
    packed = client.get("/assets/index-a1.js", headers={"Accept-Encoding": "br, gzip"})
    assert (packed.headers["content-encoding"], packed.text) == ("gzip", SCRIPT)
    assert int(packed.headers["content-length"]) < len(SCRIPT) / 10
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-type"].startswith("text/javascript")
    for refused in ("identity", "gzip;q=0, br", "", "xgzip"):
        plain = client.get("/assets/index-a1.js", headers={"Accept-Encoding": refused})
        assert ("content-encoding" in plain.headers, plain.text) == (False, SCRIPT)
        assert plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in client.get("/icon.svg", headers={"Accept-Encoding": "gzip"}).headers


def test_pages__what_the_build_packed_is_taken(built: Path, runner: asyncio.Runner) -> None:
    (built / "assets/index-a1.js.gz").write_bytes(gzip.compress(SCRIPT.encode(), 1, mtime=1))
    client = client_of(built, runner)
    answer = client.get("/assets/index-a1.js", headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["content-length"]) == (built / "assets/index-a1.js.gz").stat().st_size
    assert client.get("/assets/index-a1.js.gz").status_code == 404


def test_pages__what_has_not_changed_is_not_sent_again(client: Client) -> None:
    tag = client.get("/").headers["etag"]
    for given in (tag, f'"other", W/{tag}'):
        answer = client.get("/", headers={"If-None-Match": given})
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.request("HEAD", "/desk")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", [
    "/assets/../../secrets.json", "/assets/..%2f..%2fsecrets.json", "/assets/%2e%2e/%2e%2e/secrets.json",
    "/assets/%252e%252e%252fsecrets.json", "/..%5c..%5csecrets.json", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd",
    "/secrets.json", "/assets/", "/assets", "/assets/link.js", "/assets/index-a1.js/x", "/assets/index-a1.js%00",
    "/index.html", "/manifest.json", "/source.txt", "/nothing", "/api/nothing", "/administrator", "//desk"])
def test_pages__nothing_else_is_there(client: Client, path: str) -> None:
    answer = client.request("GET", "http://desk" + path)
    assert answer.status_code in (404, 307), path
    assert "not for you" not in answer.text
    if answer.status_code == 404:
        assert answer.json()["code"] == "not_found"


def test_pages__not_built(tmp_path: Path, runner: asyncio.Runner) -> None:
    client = client_of(tmp_path / "nothing", runner)
    answer = client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for said in ("make pages", "/api/requests", "<code>/health</code> and <code>/openapi.json</code> are open"):
        assert said in answer.text
    assert client.get("/desk").status_code == 404


def test_pages__no_type_is_written_twice() -> None:
    """What two areas need stands where both find it; a copy grows apart from the first one."""
    found: dict[str, list[str]] = {}
    for file in sorted(AREAS.parent.rglob("*.ts*")):
        for shape in re.findall(r"^(?:export )?interface (\w+(?:<\w+>)? \{\n.*?^\})", file.read_text(), re.M | re.S):
            found.setdefault(shape, []).append(file.name)
    assert len(found) > 50
    assert {shape.split(" {")[0]: files for shape, files in found.items() if len(files) > 1} == {}
