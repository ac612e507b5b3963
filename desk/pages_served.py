"""The built pages (`desk/built`), read once into memory: what a browser names is looked up there, and no file is opened
for it. One page serves every path of AREAS; which area it shows is its own matter.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from desk.front import front
from desk.problems import Refusal

FOLDER = Path(__file__).parent / "built"
AREAS = ("/", "/login", "/try", "/call", "/desk", "/supervisor", "/wallboard", "/reports", "/account",
         "/admin", "/admin/{rest:path}")
CHAT, CHAT_SCRIPT = "/chat", "chat.js"      # for visitors: the page, and what shows it in pages of others
NOT_SERVED = frozenset(("index.html", "manifest.json", "source.txt"))       # the first at AREAS; notes of the build
WORTH_PACKING = 1024        # bytes; a smaller file fits into one packet anyway
METHODS = ["GET", "HEAD"]
# Scripts and styles of ours alone, none of them inline. A worker takes the policy of its own file: so all have it.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; "
          "img-src 'self' data:; media-src 'self' blob:; font-src 'self'; manifest-src 'self'; "
          "frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
HEADERS = {"Content-Security-Policy": POLICY, "Vary": "Accept-Encoding",
           "Permissions-Policy": "microphone=(self), camera=(), geolocation=()"}
SILENT = "microphone=(), camera=(), geolocation=()"
# What is built has its hash in its name; all else is asked for anew, and mostly not changed.
FOREVER, ASKED_ANEW = "public, max-age=31536000, immutable", "no-cache"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".html": "text/html; charset=utf-8", ".json": "application/json", ".woff2": "font/woff2",
         ".wasm": "application/wasm"}


@dataclass(frozen=True)
class File:
    """One file as it is sent; `packed` is None where packing gains nothing."""

    content: bytes
    packed: bytes | None
    media_type: str
    tag: str
    caching: str
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """It, or that the browser has it already."""
        headers = HEADERS | {"ETag": self.tag, "Cache-Control": self.caching} | self.headers
        if self.tag in (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        if self.packed is not None and _takes_gzip(request):
            return Response(self.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=self.media_type)
        return Response(self.content, headers=headers, media_type=self.media_type)


def pages_router(folder: Path = FOLDER, framed_by: Iterable[str] = (), *,
                 chat_speaks: bool = False) -> APIRouter:
    """Routes to what lies in `folder`; without it the plain page of before, which says so. `framed_by`: the origins
    (`https://bank.example`, or 'self') whose pages may show the chat; no page may show any other. `chat_speaks`:
    the chat may ask for the microphone, where it is in no foreign frame."""
    router, files = APIRouter(include_in_schema=False), read_files(folder)
    if "index.html" not in files:
        router.add_api_route("/", front, methods=METHODS)
        return router
    for path in AREAS:
        router.add_api_route(path, _sender(files["index.html"]), methods=METHODS)
    of_chat = _of_chat(framed_by, speaks=chat_speaks)
    router.add_api_route(CHAT, _sender(replace(files["index.html"], headers=of_chat)), methods=METHODS)
    for name in files.keys() - NOT_SERVED:
        if "/" not in name:
            file = files[name]
            if name == CHAT_SCRIPT:
                file = replace(file, headers={"Cross-Origin-Resource-Policy": "cross-origin"})
            router.add_api_route(f"/{name}", _sender(file), methods=METHODS)

    @router.api_route("/assets/{name}", methods=METHODS)
    def asset(request: Request, name: str) -> Response:
        file = files.get(f"assets/{name}")
        if file is None:
            raise Refusal(404, "not_found", "There is no such file; the pages may be newer: load them again.")
        return file.answer(request)

    return router


@cache
def read_files(folder: Path) -> Mapping[str, File]:
    """By their names below `folder`; none where it is not there."""
    paths = sorted([*folder.glob("*"), *folder.glob("assets/*")])
    return {str(path.relative_to(folder)): _file(path, path.parent != folder)
            for path in paths if path.is_file() and path.suffix != ".gz"}


def _file(path: Path, hashed: bool) -> File:
    content = path.read_bytes()
    beside = path.with_name(path.name + ".gz")
    packed = beside.read_bytes() if beside.is_file() else gzip.compress(content, mtime=0)
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(content, packed if len(content) > WORTH_PACKING and len(packed) < 0.9 * len(content) else None,
                media_type, f'"{hashlib.sha256(content).hexdigest()[:24]}"', FOREVER if hashed else ASKED_ANEW)


def _of_chat(framed_by: Iterable[str], *, speaks: bool) -> dict[str, str]:
    """What is different at the chat: who may show it in a frame (decision 66), that it may need no microphone, and that
    it draws pictures which it has fetched itself: with a token, which stands in no address (decision 70). A frame in a
    foreign page has no microphone unless that page gives it away (decision 71)."""
    shown_in = " ".join(framed_by) or "'none'"
    policy = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {shown_in}")
    return {"Content-Security-Policy": policy.replace("img-src 'self' data:", "img-src 'self' data: blob:"),
            "Permissions-Policy": HEADERS["Permissions-Policy"] if speaks else SILENT}


def _sender(file: File) -> Callable[[Request], Response]:
    def send(request: Request) -> Response:
        return file.answer(request)

    return send


def _takes_gzip(request: Request) -> bool:
    """Whether the browser says so, and not with a weight of 0 (RFC 9110 §12.5.3)."""
    for word in request.headers.get("accept-encoding", "").split(","):
        coding, _, weight = word.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
