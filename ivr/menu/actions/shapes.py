"""Pieces of the JSON Schema that editors complete menus by. Where they are loose, the check is strict."""

from collections.abc import Mapping
from typing import Any

Shape = Mapping[str, Any]

NAME: Shape = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
PROMPT: Shape = NAME
TEXT: Shape = {"type": "string", "minLength": 1}
EXPRESSION: Shape = {"type": ["string", "number", "boolean"]}
LANGUAGE: Shape = {"type": "string", "pattern": "^[a-z]{2,3}$"}
YES: Shape = {"type": ["boolean", "null"]}
FLAG: Shape = {"type": "boolean"}
KEY: Shape = {"type": "string", "pattern": "^[0-9*#]?$"}
SECONDS: Shape = {"type": "number", "minimum": 0.1}
ACTIONS: Shape = {"$ref": "#/$defs/actions"}
TAPERS: Shape = {"$ref": "#/$defs/tapers"}


def one_or_more(shape: Shape) -> Shape:
    """One, or a list."""
    return {"anyOf": [shape, list_of(shape)]}


def list_of(shape: Shape) -> Shape:
    return {"type": "array", "items": shape, "minItems": 1}


def map_of(shape: Shape) -> Shape:
    """Keys that the admin gives."""
    return {"type": "object", "additionalProperties": shape, "minProperties": 1}


def record(properties: Mapping[str, Shape], required: tuple[str, ...] = ()) -> Shape:
    """Keys that the language gives."""
    return {"type": "object", "properties": dict(properties), "required": list(required),
            "additionalProperties": False}


def whole(low: int, high: int) -> Shape:
    return {"type": "integer", "minimum": low, "maximum": high}
