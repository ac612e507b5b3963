"""What may stand in an attribute, as far as its annotation tells."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

Classes = tuple[type, ...]      # none: anything may


def annotated(kind: type) -> dict[str, Classes]:
    """By attribute; of some that have an annotation nothing is known."""
    if kind not in _KNOWN:
        try:
            hints = get_type_hints(kind)
        except (NameError, TypeError):      # they name what only the type checker imports
            hints = {}
        _KNOWN[kind] = {name: found for name, hint in hints.items() if (found := classes_of(hint))}
    return _KNOWN[kind]


_KNOWN: dict[type, dict[str, Classes]] = {}


def classes_of(hint: Any) -> Classes:
    """Whatever is meant is an object of one of these."""
    origin = get_origin(hint)
    if hint is None or hint is NoneType:
        return (NoneType,)
    if origin in (Union, UnionType):
        each = [classes_of(one) for one in get_args(hint)]
        return sum(each, ()) if all(each) else ()
    if origin is Literal:
        return tuple({type(one) for one in get_args(hint)})
    found = hint if origin is None else origin
    if not isinstance(found, type) or getattr(found, "_is_protocol", False) or found in (object, Any):
        return ()
    return (float, int) if found is float else (found,)
