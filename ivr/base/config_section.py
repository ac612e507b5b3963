"""What every section of config.yaml shares: unknown keys are refused, an absent section is its default."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class StrictMapping(BaseModel):
    """One mapping of the file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True,
                              use_attribute_docstrings=True)


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


def _default(section: type[BaseModel], key: str) -> Any:
    """What stands for `key` when it is left out; None for an unknown or a required key."""
    field = section.model_fields.get(key)
    return None if field is None or field.is_required() else field.default
