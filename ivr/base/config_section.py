"""What every section of config.yaml shares: unknown keys are refused, an absent section is its default."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo


class StrictMapping(BaseModel):
    """One mapping of the file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)


class Section(StrictMapping):
    """A mapping that may be left out or left empty (`trunks:`), which means its default."""

    @model_validator(mode="before")
    @classmethod
    def _empty_sections_are_default(cls, given: Any) -> Any:
        """Read a section that is not there as an empty one, so that the paths in its defaults are resolved as well."""
        if not isinstance(given, dict):
            return given
        kept = {key: value for key, value in given.items()
                if value is not None or not isinstance(_default(cls, key), Section | Mapping | tuple)}
        absent: dict[str, Any] = {key: {} for key in cls.model_fields
                                  if key not in kept and isinstance(_default(cls, key), Section)}
        return kept | absent


@cache
def documented(section: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Its fields; what is written under each in the source is its `description`.

    Read when it is asked for: pydantic (`use_attribute_docstrings`) reads it in every process that starts, 45 ms for
    all sections, and only who makes a mistake or looks at a page wants to know.
    """
    for shape in reversed(section.__mro__):
        if issubclass(shape, StrictMapping):
            for key, words in _words_in(inspect.getsource(shape)):
                section.model_fields[key].description = words
    return section.model_fields


def _words_in(source: str) -> Iterator[tuple[str, str]]:
    """Each name of a class with the string that stands under it."""
    [shape] = ast.parse(textwrap.dedent(source)).body
    assert isinstance(shape, ast.ClassDef)
    for field, below in pairwise(shape.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as words)):
                yield name, inspect.cleandoc(words)


def _default(section: type[BaseModel], key: str) -> Any:
    """What stands for `key` when it is left out; None for an unknown or a required key."""
    field = section.model_fields.get(key)
    return None if field is None or field.is_required() else field.default
