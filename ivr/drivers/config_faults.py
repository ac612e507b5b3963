"""Turns what pydantic found wrong in config.yaml into words for the person who must mend it."""

from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ivr.base.config import Config
from ivr.base.config_checks import Path, did_you_mean
from ivr.base.config_section import documented
from ivr.base.errors import Fault, Place
from ivr.base.located_yaml import Mapping as LocatedMapping
from ivr.base.located_yaml import Node, Scalar, Sequence

UNITS = {"_s": " s", "_ms": " ms", "_mb": " MB", "_h": " h"}
KINDS = {
    "int": "a whole number", "float": "a number", "finite": "a number", "bool": "true or false", "string": "a text",
    "tuple": "a list", "model": "lines of `key: value`", "dict": "lines of `name: value`",
    "mapping": "lines of `name: value`", "literal": "a word",
}


def explain(error: Mapping[str, Any], tree: Node) -> Fault:
    """The fault for one entry of `ValidationError.errors()` about `tree`."""
    path: Path = tuple(error["loc"])
    at_key = path[-1:] == ("[key]",)
    path = path[:-1] if at_key else path
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path, tree)
    if kind == "missing":
        return _missing(path, tree)
    place = place_of(tree, path, prefer_key=at_key)
    if "remedy" in context:
        return Fault(place, context.get("message", error["msg"]), context["remedy"], code="config-value")
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    name = f"`{key}`" if path[-1:] == (key,) else f"entry {int(path[-1]) + 1} of `{key}`" if path else "the file"
    field = field_at(path)
    if error["input"] is None:
        return Fault(place, f"{name} has no value", _default(field, section_at(path)), code="config-value-missing")
    if kind in ("too_short", "too_long"):
        return Fault(place, f"{name} has {context['actual_length']} entries" if context["actual_length"] is not None
                     else f"{name} has too many entries", _length(context), code="config-length")
    if kind == "string_too_long":
        return Fault(place, f"{name} is too long", f"at most {context['max_length']} characters", code="config-length")
    if kind == "literal_error":
        return Fault(place, f'{name} can\'t be "{error["input"]}"', f"one of {_plain(context['expected'])}",
                     code="config-choice")
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        return Fault(place, f"{name} can't be {error['input']}", bounds(key, field), code="config-range")
    wanted = KINDS.get(kind.partition("_")[0], "something else")
    return Fault(place, f"{name} must be {wanted}, not {_what(error['input'])}",
                 "begin each of its entries with `- `" if wanted == KINDS["tuple"] else bounds(key, field),
                 code="config-type")


def place_of(tree: Node, path: Path, prefer_key: bool = False) -> Place:
    """The place of the value at `path`, or of the deepest that is there.

    The place of an entry whose value is a mapping, a list or nothing is that of its key; `prefer_key` takes the key
    of a scalar too.
    """
    place = tree.place
    for step in path:
        if isinstance(tree, Sequence) and isinstance(step, int) and step < len(tree.items):
            tree = tree.items[step]
            place = tree.place
        elif isinstance(tree, LocatedMapping) and step in tree.entries:
            place = tree.key_places[str(step)]
            tree = tree.entries[str(step)]
            if isinstance(tree, Scalar) and tree.text and not prefer_key:
                place = tree.place
        else:
            break
    return place


def section_at(path: Path) -> Any:
    """The type that config.yaml has at `path`: a section, a list or a mapping of them, or a plain value's type."""
    kind: Any = Config
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(step))
            kind = _bare(field.annotation) if field else None
        elif arguments := get_args(kind):
            kind = _bare(arguments[0] if isinstance(step, int) else arguments[-1])
    return kind


def field_at(path: Path) -> FieldInfo | None:
    """The field of the last key in `path` that is a key of a section."""
    for size in range(len(path), 0, -1):
        section = section_at(path[:size - 1])
        if isinstance(section, type) and issubclass(section, BaseModel):
            return documented(section).get(str(path[size - 1]))
    return None


def bounds(key: str, field: FieldInfo | None) -> str:
    """What a field allows, with its unit: "from 5 to 120 s"."""
    limits: dict[str, Any] = {}
    for one in field.metadata if field else ():
        limits |= {name: getattr(one, name) for name in ("ge", "gt", "le", "lt") if hasattr(one, name)}
    unit = next((unit for suffix, unit in UNITS.items() if key.endswith(suffix)), "")
    low = f"from {limits['ge']}" if "ge" in limits else f"more than {limits['gt']}" if "gt" in limits else ""
    high = f"to {limits['le']}" if "le" in limits else f"less than {limits['lt']}" if "lt" in limits else ""
    return f"{low} {high}".strip() + unit if low or high else ""


def _unknown_key(path: Path, tree: Node) -> Fault:
    place, key = place_of(tree, path, prefer_key=True), str(path[-1])
    section = section_at(path[:-1])
    known = list(section.model_fields) if isinstance(section, type) and issubclass(section, BaseModel) else []
    if key.endswith("password") and f"{key}_file" in known:
        return Fault(place, "passwords don't stand in this file", f"use {key}_file or {key}_env",
                     code="config-password-shown")
    return Fault(place, f"unknown key `{key}`", did_you_mean(key, known), code="config-key-unknown")


def _missing(path: Path, tree: Node) -> Fault:
    field = field_at(path)
    return Fault(place_of(tree, path), f"`{path[-1]}` is missing", _said(field), code="config-key-missing")


def _default(field: FieldInfo | None, kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, BaseModel) and not _required(kind):
        return "write {} to take every default"
    if field is None or field.is_required():
        return _said(field)
    default = f" for {field.default}" if field.default not in (None, "", (), {}) else ""
    return f"write one, or remove the line{default}"


def _required(section: type[BaseModel]) -> bool:
    return any(field.is_required() for field in section.model_fields.values())


def _said(field: FieldInfo | None) -> str:
    return (field.description or "").partition(". ")[0].rstrip(".") if field else ""


def _length(context: Mapping[str, Any]) -> str:
    return f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']}"


def _plain(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")


def _what(given: Any) -> str:
    if isinstance(given, Mapping):
        return "lines of `key: value`"
    return "a list" if isinstance(given, tuple | list) else f'"{str(given)[:60]}"'


def _bare(annotation: Any) -> Any:
    """A type without `Annotated` around it and without `| None` beside it."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    others = [one for one in get_args(annotation) if one is not NoneType]
    if NoneType in get_args(annotation) and len(others) == 1:
        return _bare(others[0])
    return annotation
