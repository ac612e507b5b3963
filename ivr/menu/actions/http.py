"""`http:` asks another system, and keeps values of its answer.

    - http:
        url: "https://core.bank.example/cards/{card}/balance"
        into: balance
        answers: {amount: {kind: money, currency: RUB, at: account.amount}}
        meanwhile: one_moment
        on_failure: [{say: no_balance_now}, {queue: cards}]
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import NAME as NAMED
from ivr.base.suggestions import did_you_mean
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import ON_FAILURE, Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.asking import fail
from ivr.menu.declarations import KINDS
from ivr.menu.events import LookUpAnswered
from ivr.menu.expressions.values import Kind
from ivr.menu.model import Variable
from ivr.menu.requests import Request, Wanted, filled, found_in, names_in, places_in
from ivr.menu.steps import Step
from ivr.menu.waiting import Waiter, wait

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "http"
FIELDS = ("url", "method", "headers", "body", "secret", "insecure", "timeout_s", "retries", "meanwhile", "into",
          "answers", ON_FAILURE)
METHODS = ("get", "post", "put", "patch", "delete")
SPARE = 2.0             # s beyond all attempts: then the answer is given up here, whatever the driver does
HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
HEADER_TEXT = re.compile(r"[\x20-\x7e]{0,500}")
OURS = frozenset(["authorization", "host", "content-length", "transfer-encoding", "connection", "cookie"])


@dataclass(frozen=True)
class LookUp(Action):
    """A question to another system. Texts may have values in them; `timeout` (s) is that of one attempt."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]
    timeout: float
    retries: int
    meanwhile: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    on_failure: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        return self.meanwhile

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def __str__(self) -> str:
        return f"http {self.host}"


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> LookUp | None:
    reader = scope.reader
    fields = reader.fields(node, "`http`", FIELDS, required=("url",))
    if not fields:
        return None
    secret = reader.switch(fields.get("secret"), "secret") or False
    method = reader.one_of(fields.get("method"), "method", METHODS) or ("post" if "body" in fields else "get")
    url = _url(scope, fields.get("url"), insecure=reader.switch(fields.get("insecure"), "insecure") or False)
    timeout = reader.number(fields.get("timeout_s"), "timeout_s", 0.5, 30) or 5.0
    retries = reader.whole(fields.get("retries"), "retries", 0, 3) or 0
    meanwhile = reader.some_of(fields.get("meanwhile"), "prompt", scope.prompts)
    wanted = _wanted(scope, fields)
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, "`http`")
    body, headers = _body(scope, fields.get("body"), secret=secret), _headers(scope, fields.get("headers"))
    if url is None:
        return None
    return LookUp(method.upper(), url, headers, body, timeout, retries, meanwhile, wanted, on_failure)


def _url(scope: Scope, node: Node | None, *, insecure: bool) -> str | None:
    url = scope.reader.text(node, "`url`")
    if url is None or not isinstance(node, Scalar):
        return None
    begin, _, rest = url.partition("://")
    if begin not in ("https", "http") or not rest.partition("/")[0] or not url.isprintable() or not _has_host(url):
        scope.reader.fault(node.place, "`url` is no address", "write it like https://host/path?key={name}",
                           code="url-invalid")
        return None
    if "{" in rest.partition("/")[0] or "@" in rest.partition("/")[0]:
        scope.reader.fault(node.place, "the host of `url` must be fixed", "values can stand after it, in the path",
                           code="url-host")
    if begin == "http" and not insecure:
        scope.reader.fault(node.place, "whoever is on the way can read and change what goes by http://",
                           "write https://, or add `insecure: yes` where that is meant", code="url-plain")
    _values(scope, node, secret=False, remedy="put it into the `body`: addresses are written into logs")
    return url


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:          # a port beyond all ports, a bracket without its other one
        return False


def _values(scope: Scope, node: Scalar, *, secret: bool, remedy: str) -> None:
    """Faults of the values in a text: at their braces."""
    place_of = scope.spots.of(node)
    for name, offset in places_in(node.text).items():
        if name not in scope.names:
            scope.reader.fault(place_of(offset), f"there is no variable `{name}`", did_you_mean(name, scope.names),
                               code="variable-unknown")
        elif not secret and scope.secrets([name]):
            scope.reader.fault(place_of(offset), f"`{name}` is secret, and would be told", remedy, code="secret-told")


def _body(scope: Scope, node: Node | None, *, secret: bool) -> tuple[tuple[str, str], ...]:
    mapping = scope.reader.mapping(node, "`body`")
    found: list[tuple[str, str]] = []
    for key, value in mapping.entries.items() if mapping else ():
        if not isinstance(value, Scalar):
            scope.reader.fault(value.place, f"`{key}` of `body` must be a text", "values stand in it as {name}",
                               code="text-expected")
            continue
        _values(scope, value, secret=secret, remedy="add `secret: yes` to this `http` where it may know it")
        found.append((key, value.text))
    return tuple(found)


def _headers(scope: Scope, node: Node | None) -> tuple[tuple[str, str], ...]:
    mapping = scope.reader.mapping(node, "`headers`")
    found: list[tuple[str, str]] = []
    for key, value in mapping.entries.items() if mapping else ():
        text = getattr(value, "text", "\n")
        if key.lower() in OURS:
            scope.reader.fault(value.place, f"`{key}` can't be set in a menu",
                               "a password stands in a file that `look_ups.token_files` of config.yaml names",
                               code="header-ours")
        elif not HEADER.fullmatch(key) or not HEADER_TEXT.fullmatch(text) or names_in(text):
            scope.reader.fault(value.place, f"`{key}` can't be a header", "Latin letters and -; a fixed text",
                               code="header-invalid")
        else:
            found.append((key, text))
    return tuple(found)


def _wanted(scope: Scope, fields: Mapping[str, Node]) -> tuple[Wanted, ...]:
    """The values of the answer. Their names are known already (`bring`); here is said what is wrong with them."""
    reader = scope.reader
    into, answers = reader.text(fields.get("into"), "`into`"), fields.get("answers")
    if (into is None) is not (answers is None):
        reader.fault(next(fields[key].place for key in ("into", "answers") if key in fields),
                     "`into` and `answers` belong together", "`into: balance` and `answers: {amount: number}` make "
                     "balance.amount", code="answers-alone")
        return ()
    found: list[Wanted] = []
    for name, node in reader.named(answers, "`answers`").items():
        answer = {"kind": node} if isinstance(node, Scalar) else reader.fields(
            node, f"answer `{name}`", ("kind", "at", "currency", "secret"), required=("kind",))
        kind = reader.one_of(answer.get("kind"), "kind", KINDS)
        way = reader.text(answer.get("at"), "`at`") or name
        secret = reader.switch(answer.get("secret"), "secret")
        if secret and f"{into}.{name}" in scope.variables and not scope.secrets([f"{into}.{name}"]):
            reader.fault(node.place, f"`{into}.{name}` is not secret elsewhere, and would tell this answer",
                         "write `secret: yes` wherever it is answered", code="secret-told")
        currency = reader.text(answer.get("currency"), "`currency`") or ""
        if kind is not None and _of_one_kind(scope, f"{into}.{name}", KINDS[kind], node):
            found.append(Wanted(f"{into}.{name}", KINDS[kind], tuple(way.split(".")), currency))
    return tuple(found)


def _of_one_kind(scope: Scope, name: str, kind: Kind, node: Node) -> bool:
    variable = scope.variables.get(name)
    if variable is None:
        scope.reader.fault(node.place, f"`{name}` can't be a variable",
                           "names have small Latin letters, digits and _, and begin with a letter", code="name-invalid")
        return False
    if variable.kind is not kind:
        scope.reader.fault(node.place, f"`{name}` is a {variable.kind.value} elsewhere", "give it another name",
                           code="variable-kind")
    return variable.kind is kind


def bring(node: YamlMapping) -> Iterator[Variable]:
    """What it answers need not be declared."""
    into, answers = getattr(node.entries.get("into"), "text", ""), node.entries.get("answers")
    for name, answer in answers.entries.items() if isinstance(answers, YamlMapping) else ():
        fields = answer.entries if isinstance(answer, YamlMapping) else {"kind": answer}
        kind = KINDS.get(getattr(fields.get("kind"), "text", ""))
        secret = getattr(fields.get("secret"), "text", "").lower() in ("yes", "true")
        if kind is not None and NAMED.fullmatch(into) and NAMED.fullmatch(name):
            yield Variable(f"{into}.{name}", kind, secret=secret)


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: LookUp, now: float) -> list[Step]:
    """Ask. A value that is missing fails it at once: nobody is asked for half a thing."""
    for wanted in action.wanted:
        menu.assign(wanted.name, None)
    request = _request(action, menu.values(now))
    if request is None:
        return _failed(menu, action, "a value is missing", now)
    patience = action.timeout * (action.retries + 1) + SPARE
    return wait(menu, lambda number: steps.LookUp(number, request), action.meanwhile, patience, now)


def _request(action: LookUp, values: Mapping[str, Any]) -> Request | None:
    url = filled(action.url, values, in_url=True)
    body = {key: filled(text, values) for key, text in action.body}
    if url is None or None in body.values():
        return None
    return Request(action.method, url, action.headers, body or None, action.timeout, action.retries)


def _answered(menu: "Interpreter", event: LookUpAnswered, now: float) -> list[Step]:
    action = menu.under_way()
    assert isinstance(action, LookUp)
    if event.reason:
        return _failed(menu, action, event.reason, now)
    for wanted in action.wanted:
        menu.assign(wanted.name, found_in(event.answer, wanted))
    return [steps.LookedUp(menu.choice.name, action.host), *menu.go_on(None, now)]


def _failed(menu: "Interpreter", action: LookUp, reason: str, now: float) -> list[Step]:
    return [steps.LookedUp(menu.choice.name, action.host, reason), *fail(menu, action.on_failure, now)]


WAITER = Waiter(_answered, lambda action: action.meanwhile)
_ANSWER = {"anyOf": [{"enum": list(KINDS)}, shapes.record(
    {"kind": {"enum": list(KINDS)}, "at": shapes.TEXT, "currency": shapes.TEXT, "secret": shapes.FLAG},
    required=("kind",))]}
ROW = Row(LookUp, parse, perform, "http: {url}", shape=shapes.record({
    "url": {"type": "string", "pattern": "^https?://"}, "method": {"enum": list(METHODS)},
    "headers": shapes.map_of(shapes.TEXT), "body": shapes.map_of(shapes.EXPRESSION), "secret": shapes.FLAG,
    "insecure": shapes.FLAG, "timeout_s": {"type": "number", "minimum": 0.5, "maximum": 30},
    "retries": shapes.whole(0, 3), "meanwhile": shapes.one_or_more(shapes.PROMPT), "into": shapes.NAME,
    "answers": shapes.map_of(_ANSWER), ON_FAILURE: shapes.ACTIONS}, required=("url",)))
