"""The JSON Schema of menu files, for editors: made from the rows that read them, so that it can't fall behind.

It knows the keys and what may stand after them. Names, conditions and all that holds between places are the check's.
"""

import json
from collections.abc import Mapping
from typing import Any

from ivr.menu.actions import shapes
from ivr.menu.actions.action import DO, ON_FAILURE
from ivr.menu.actions.scope import Row
from ivr.menu.actions.table import LONE, ROWS
from ivr.menu.declarations import KINDS, SCOPES
from ivr.menu.prompt_schema import FOLDER
from ivr.menu.settings import SHAPES

PROMPTS = shapes.one_or_more(shapes.PROMPT)


def schema() -> dict[str, Any]:
    """The whole of it."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A voice menu of the hotline",
        **shapes.record({
            "languages": {"type": "array", "items": shapes.LANGUAGE, "minItems": 1, "uniqueItems": True},
            "start": shapes.NAME,
            FOLDER: shapes.TEXT,
            "variables": shapes.map_of(_variable()),
            "defaults": shapes.record(_inherited()),
            "menus": shapes.map_of({"$ref": "#/$defs/menu"}),
            "prompts": shapes.map_of({"$ref": "#/$defs/prompt"}),
        }, required=("languages", "start", "menus", "prompts")),
        "$defs": {
            "menu": _menu(),
            "prompt": {"type": "object", "properties": {"barge_in": shapes.FLAG},
                       "patternProperties": {"^[a-z]{2,3}$": _wording()}, "additionalProperties": False},
            "actions": {"anyOf": [{"$ref": "#/$defs/action"}, {"type": "array", "minItems": 1,
                                                               "items": {"$ref": "#/$defs/action"}}]},
            "action": {"anyOf": [{"enum": sorted(LONE)}, *(_action(word, row) for word, row in ROWS.items())]},
            "tapers": {"type": "array", "items": shapes.record(
                {"count": shapes.whole(1, 9), "say": PROMPTS}, required=("count", "say"))},
        },
    }


def text() -> str:
    """It as it stands in docs/menu.schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _inherited() -> Mapping[str, shapes.Shape]:
    return {**SHAPES, ON_FAILURE: shapes.ACTIONS}


def _menu() -> shapes.Shape:
    keys = {"type": "object", "patternProperties": {"^[0-9*#]{1,12}$": shapes.ACTIONS},
            "additionalProperties": False, "minProperties": 1}
    title = {"anyOf": [shapes.TEXT, {"type": "object", "patternProperties": {"^[a-z]{2,3}$": shapes.TEXT},
                                     "additionalProperties": False, "minProperties": 1}]}
    own = {"title": title, "greeting": PROMPTS, "prompts": PROMPTS, "all_languages": shapes.FLAG, "options": keys,
           DO: shapes.ACTIONS}
    return shapes.record({**own, **_inherited()})


def _wording() -> shapes.Shape:
    return {"anyOf": [shapes.TEXT, shapes.record({"voice": shapes.TEXT, "text": shapes.TEXT, "file": shapes.TEXT})]}


def _variable() -> shapes.Shape:
    kind = {"enum": list(KINDS)}
    return {"anyOf": [kind, shapes.record({"kind": kind, "default": shapes.EXPRESSION, "scope": {"enum": list(SCOPES)},
                                           "secret": shapes.FLAG}, required=("kind",))]}


def _action(word: str, row: Row) -> shapes.Shape:
    return {"title": row.example, **shapes.record({word: row.shape, **row.parameters}, required=(word,))}
