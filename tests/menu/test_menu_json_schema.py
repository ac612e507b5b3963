"""The schema for editors: it is current, the samples name it, and it knows all that the reader knows."""

import json
from pathlib import Path

import pytest

from ivr.menu import json_schema
from ivr.menu.actions.table import ROWS

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "docs" / "menu.schema.json"


def test_json_schema__the_one_in_docs_is_current() -> None:
    assert FILE.read_text() == json_schema.text(), "say: make schema"


@pytest.mark.parametrize("menu", [path.name for path in (ROOT / "menus").glob("*.yaml")
                                  if path.name != "announcements.yaml" and not path.name.endswith(".test.yaml")
                                  and "\nmenus:" in path.read_text()])
def test_json_schema__samples_name_it_for_editors(menu: str) -> None:
    first = (ROOT / "menus" / menu).read_text().partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../docs/menu.schema.json"


def test_json_schema__every_action_and_each_of_its_parameters_is_there() -> None:
    actions = {next(iter(shape["required"])): shape for shape in json_schema.schema()["$defs"]["action"]["anyOf"]
               if "required" in shape}
    assert set(actions) == set(ROWS)
    assert all(set(actions[word]["properties"]) == {word, *row.parameters} for word, row in ROWS.items())


def test_json_schema__every_reference_leads_somewhere() -> None:
    text = json.dumps(json_schema.schema())
    names = {part.partition('"')[0] for part in text.split("#/$defs/")[1:]}
    assert names <= set(json_schema.schema()["$defs"])
