"""What stands in a text that nobody may have written: of the kind that is expected, or one error."""

from typing import Any

from ivr.base.state.errors import NotReadable


def expect_list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise NotReadable(f"a list is expected, not {value!r:.40}")
    return value


def expect_text(value: Any) -> str:
    if type(value) is not str:
        raise NotReadable(f"a text is expected, not {value!r:.40}")
    return value


def expect_number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise NotReadable(f"a number of something is expected, not {value!r:.40}")
    return value
