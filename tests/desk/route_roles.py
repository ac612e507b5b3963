"""Who may what: every route of the application, with who may use it. A new route needs a row here.

`anybody`: without a login. `somebody`: every login and token. `own`: an operator what is theirs (anna's, here), and
whoever may more. `operators`: people who take calls. `supervisor`, `admin`: that role or more. `person`: logins, and no
program. `newcomer`: every login and token, also who has yet to choose a password. `status`: what those get
who may, with the body given; `refused`: what those get who may not and are logged in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class May:
    """One row."""

    who: str
    status: int
    body: Any = None
    refused: int = 403
    query: str = ""


GET, POST, PUT, PATCH, DELETE = "GET", "POST", "PUT", "PATCH", "DELETE"

# What stands for a parameter of a path: what is anna's, where it is somebody's.
SAMPLES = {"call_id": "call-1", "request_id": "request-1", "request": "left-1", "name": "anna", "number": "1",
           "line": "100", "day": "2026-11-25", "recording": "none", "file": "none", "token_id": "none",
           "person": "none", "rest:path": "menus/main"}

TABLE: dict[tuple[str, str], May] = {
    (GET, "/health"): May("anybody", 200),
    (GET, "/openapi.json"): May("anybody", 200),
    (GET, "/metrics"): May("somebody", 200),
    # session
    (POST, "/api/login"): May("anybody", 401, {"login": "anna", "password": "wrong"}),
    (POST, "/api/logout"): May("newcomer", 204),
    (GET, "/api/session"): May("newcomer", 200),
    (POST, "/api/password"): May("person", 403, {"old": "wrong", "new": "long enough"}),
    (GET, "/api/tokens"): May("admin", 200),
    (POST, "/api/tokens"): May("admin", 422, {"name": "NOT GOOD"}),
    (DELETE, "/api/tokens/{token_id}"): May("admin", 404),
    (GET, "/api/people"): May("admin", 200),
    (POST, "/api/people/{person}/password"): May("admin", 404),
    (GET, "/api/audit"): May("admin", 200),
    # what goes on
    (GET, "/api/operators"): May("somebody", 200),
    (PUT, "/api/operators/{name}/status"): May("own", 200, {"status": "available"}),
    (DELETE, "/api/operators/{name}/wrap-up"): May("own", 204),
    (GET, "/api/operators/{name}/why"): May("own", 404),
    (GET, "/api/queues"): May("somebody", 200),
    (GET, "/api/titles"): May("somebody", 200),
    (GET, "/api/phones"): May("somebody", 200),
    (GET, "/api/trunks"): May("supervisor", 200),
    (GET, "/api/menus"): May("supervisor", 200),
    (GET, "/api/lines"): May("somebody", 200),
    (PUT, "/api/lines/{line}/announcement"): May("admin", 404, {"prompt": "closed"}),
    (DELETE, "/api/lines/{line}/announcement"): May("admin", 404),
    (PUT, "/api/lines/{line}/closure"): May("admin", 404, {}),
    (DELETE, "/api/lines/{line}/closure"): May("admin", 404),
    # chats
    (GET, "/api/desk/chats"): May("operators", 200),
    (PUT, "/api/desk/chats"): May("operators", 200, {"answers": False}),
    (GET, "/api/chats/{call_id}/messages"): May("somebody", 404),
    (POST, "/api/chats/{call_id}/take"): May("person", 409),
    (POST, "/api/chats/{call_id}/messages"): May("person", 409, {"body": "hello", "key": "1"}),
    (POST, "/api/chats/{call_id}/typing"): May("person", 409),
    (POST, "/api/chats/{call_id}/call"): May("person", 409, {"number": "+74951234567"}),
    (POST, "/api/chats/{call_id}/leave"): May("person", 409),
    (POST, "/api/chat/files"): May("anybody", 409),
    (GET, "/api/chat/files/{file}"): May("anybody", 404),
    (POST, "/api/chats/{call_id}/files"): May("person", 409),
    (GET, "/api/chats/{call_id}/files/{file}"): May("somebody", 404),
    (GET, "/api/channels"): May("supervisor", 200),
    (POST, "/api/channel/{name}/messages"): May("anybody", 404, {}),
    (POST, "/api/channel/telegram/updates"): May("anybody", 404, {}),
    # calls
    (GET, "/api/calls"): May("somebody", 200),
    (GET, "/api/calls/{call_id}"): May("own", 200, refused=404),
    (POST, "/api/calls/{call_id}/transfer"): May("somebody", 404, {"target": "boris"}),     # control knows whose it is
    (POST, "/api/calls/{call_id}/consultation"): May("somebody", 404, {"wish": "back"}),
    (POST, "/api/calls/{call_id}/recording"): May("somebody", 404),
    (DELETE, "/api/calls/{call_id}/recording"): May("somebody", 404),
    (GET, "/api/calls/{call_id}/supervisors"): May("supervisor", 404),
    (PUT, "/api/calls/{call_id}/supervisors/{name}"): May("admin", 404, {}),        # a supervisor: themselves
    (DELETE, "/api/calls/{call_id}/supervisors/{name}"): May("admin", 404),
    (POST, "/api/calls/{call_id}/take"): May("supervisor", 404, {"to": "anna"}),
    (POST, "/api/calls/{call_id}/hang-up"): May("supervisor", 404, {"reason": "a prank"}),
    # figures
    (GET, "/api/board"): May("somebody", 200),
    (GET, "/api/reports"): May("supervisor", 200, query="?by=queue"),
    (GET, "/api/reports/table.csv"): May("supervisor", 200),
    (GET, "/api/reports/calls"): May("supervisor", 200, query="?count=visits"),
    (GET, "/api/reports/staffing"): May("supervisor", 200),
    # recordings and captures
    (GET, "/api/recordings"): May("supervisor", 200),
    (GET, "/api/recordings/{recording}"): May("supervisor", 404),
    (GET, "/api/recordings/{recording}/audio"): May("supervisor", 404),
    (DELETE, "/api/recordings/{recording}"): May("admin", 404),
    (GET, "/api/captures"): May("admin", 200),
    (POST, "/api/captures"): May("admin", 404, {"which": "next"}),
    (GET, "/api/captures/{number}"): May("admin", 404),
    (DELETE, "/api/captures/{number}"): May("admin", 404),
    # requests
    (GET, "/api/requests"): May("somebody", 200),
    (GET, "/api/requests/{request_id}"): May("own", 200, refused=404),
    (PATCH, "/api/requests/{request_id}"): May("own", 409, {"revision": 7}, refused=404),
    (GET, "/api/requests/{request_id}/changes"): May("own", 200, refused=404),
    (GET, "/api/requests/{request_id}/related"): May("own", 200, refused=404),
    (GET, "/api/topics"): May("somebody", 200),
    # the operator's screen, and the board
    (GET, "/api/desk"): May("operators", 200),
    (GET, "/api/desk/settings"): May("somebody", 200),
    (GET, "/api/desk/missed"): May("operators", 200),
    (POST, "/api/desk/calls/{call_id}/hang-up"): May("operators", 404),
    (POST, "/api/desk/calls/{call_id}/invite"): May("operators", 409),
    (GET, "/api/targets"): May("somebody", 200),
    (GET, "/api/try"): May("anybody", 200),
    # tables
    (GET, "/api/calls.csv"): May("supervisor", 200),
    (GET, "/api/calls/{call_id}/words"): May("supervisor", 200),
    (GET, "/api/configured"): May("supervisor", 200),
    # hours, prompts, menus; the processes that read files for them are busy, in this test
    (GET, "/api/hours"): May("supervisor", 200),
    (GET, "/api/hours/{name}/days"): May("supervisor", 404),
    (PUT, "/api/hours/{name}/days/{day}"): May("admin", 404, {"version": "x"}),
    (DELETE, "/api/hours/{name}/days/{day}"): May("admin", 404, query="?version=x"),
    (GET, "/api/line-prompts"): May("supervisor", 503),
    (POST, "/api/notices"): May("admin", 422, {"texts": {}}),
    (GET, "/api/prompts"): May("supervisor", 503),
    (GET, "/api/prompts/audio"): May("supervisor", 404, query="?clip=en/x.wav"),
    (PUT, "/api/prompts/audio"): May("admin", 400, query="?clip=en/x.wav"),
    (DELETE, "/api/prompts"): May("admin", 404, query="?clip=en/x.wav"),
    (POST, "/api/prompts/keep"): May("admin", 400, {"clip": "../x.wav"}),
    (POST, "/api/prompts/render"): May("admin", 422, {"clips": []}),
    (POST, "/api/prompts/restore"): May("admin", 400, {"clip": "../x.wav", "take": "2026-11-23T12-00-00"}),
    (GET, "/api/work/{name}"): May("supervisor", 404),
    (GET, "/api/menus/files"): May("supervisor", 429),
    (GET, "/api/menus/files/text"): May("supervisor", 429, query="?file=x"),
    (POST, "/api/menus/files/publish"): May("admin", 422, {"files": []}),
    (GET, "/api/menus/heat"): May("supervisor", 404, query="?file=x"),
    (GET, "/api/menus/history"): May("supervisor", 429, query="?file=x"),
    (GET, "/api/menus/history/text"): May("supervisor", 429, query="?file=x&version=y"),
    (POST, "/api/menus/history/roll-back"): May("admin", 429, {"file": "x", "to": "y", "version": "z"}),
    (POST, "/api/menus/drafts/check"): May("supervisor", 429, {"root": "x"}),
    (POST, "/api/menus/drafts/compare"): May("supervisor", 422, {"old": 1}),
    (POST, "/api/menus/drafts/graph"): May("supervisor", 429, {"root": "x"}),
    (POST, "/api/menus/drafts/test"): May("supervisor", 422, {"menu": 1}),
    (POST, "/api/menus/drafts/walk"): May("supervisor", 429, {"root": "x"}),
    (GET, "/api/callbacks"): May("somebody", 200),
    (DELETE, "/api/callbacks/{request}"): May("own", 200, refused=404),
    (POST, "/api/callbacks/{request}/now"): May("own", 200, refused=404),
    # pages of administrators
    (POST, "/api/line-orders"): May("admin", 422, {}),
    (PUT, "/api/notices/sound"): May("admin", 400),
}

# Streams, which end only when somebody leaves: what a stranger gets is tried, all else in their own tests.
ELSEWHERE: dict[tuple[str, str], May] = {(GET, "/api/live"): May("somebody", 200)}

ACTORS = {      # by what of `who` they may
    "nobody": {"anybody"},
    "nina": {"anybody", "newcomer"},
    "anna": {"anybody", "newcomer", "somebody", "own", "person", "operators"},
    "boris": {"anybody", "newcomer", "somebody", "person", "operators"},
    "olga": {"anybody", "newcomer", "somebody", "own", "person", "supervisor"},
    "admin": {"anybody", "newcomer", "somebody", "own", "person", "supervisor", "admin"},
    "token:operator": {"anybody", "newcomer", "somebody"},
    "token:supervisor": {"anybody", "newcomer", "somebody", "own", "supervisor"},
    "token:admin": {"anybody", "newcomer", "somebody", "own", "supervisor", "admin"},
}


def expected(may: May, actor: str) -> int:
    if may.who in ACTORS[actor]:
        return may.status
    if actor == "nina":
        return 403
    return 401 if actor == "nobody" else may.refused


def routes_of(routes: Any) -> Iterator[tuple[str, str]]:
    """(method, path) of all, those of included routers too; a WebSocket's method is "WS"."""
    for route in routes:
        included = getattr(route, "original_router", None)      # newer versions of FastAPI keep routers as they are
        if included is not None:
            yield from routes_of(included.routes)
        elif not getattr(route, "methods", None):
            yield "WS", route.path
        else:
            for method in route.methods - {"HEAD"}:
                yield method, route.path


def concrete(path: str) -> str:
    for name, sample in SAMPLES.items():
        path = path.replace(f"{{{name}}}", sample)
    assert "{" not in path, f"{path}: say in SAMPLES what stands for its parameter"
    return path
