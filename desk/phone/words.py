"""What a page is told of menus, prompts and queues: the names that control knows, as people read them."""

from typing import Any, Protocol


class Words(Protocol):
    """Turns names of control into what a page shows."""

    def heard(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        """Of `clips`: an item for each, with its `text` and its `clip`."""

    def menu(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Of `name`, `path`, `language`, `keys`, `version` and `line`: name, title, path and options."""


class PlainNames:
    """The names themselves, where nobody knows better."""

    def heard(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"text": "", "clip": clip} for clip in fields.get("clips", ())]

    def menu(self, fields: dict[str, Any]) -> dict[str, Any]:
        name = fields.get("name", "")
        return {"name": name, "title": name, "path": fields.get("path", []),
                "options": [{"key": key, "label": ""} for key in fields.get("keys", ())]}
