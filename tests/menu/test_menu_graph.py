"""Menus drawn: every menu, every key, where it leads; and what callers did, when it is counted."""

from xml.etree import ElementTree

import pytest

from ivr.menu.graph.mermaid import mermaid
from ivr.menu.graph.outline import Counts, outline
from ivr.menu.graph.svg import svg
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = Counts({"language": 200, "main": 150}, {("main", "2"): 30, ("language", "1"): 140}, {"main": 6})


@pytest.fixture
def bank(bank_text: str, known: Known) -> Menu:
    return load_menu(bank_text, "menus/bank.yaml", None, known)


def texts_of(picture: str) -> list[str]:
    return ["".join(part for part in text.itertext()) for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_outline__columns_are_keys_from_the_start(bank: Menu) -> None:
    assert {box.name: box.column for box in outline(bank)} == {
        "language": 0, "main": 1, "cards": 2, "loans": 2, "deposits": 2, "transfers": 2, "corporate": 2, "branches": 2}


def test_mermaid__every_key_of_the_bank(bank: Menu) -> None:
    lines = mermaid(bank).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  menu_main -->|"2"| menu_cards' in lines
    assert '  menu_main -->|"1"| end_queue_lost_card' in lines
    assert '  menu_cards -.->|"no key"| end_queue_general' in lines
    assert '  menu_main["<b>main</b><br/>*: repeat<br/>#35;: back"]' in lines
    assert '  end_transfer_branch[/"transfer branch"/]' in lines
    arrows = [line for line in lines if "--" in line or "-." in line]
    kept = sum(line.split('"')[1].count("<br/>") for line in lines if "[\"<b>" in line)
    assert len(arrows) + kept == sum(len(choice.options) + 1 for choice in bank.choices.values())


def test_mermaid__what_callers_leave(known: Known) -> None:
    menu = load_menu("""
languages: [en]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: ask
    options:
      "1": [{callback: {queue: cards, on_failure: {queue: loans}}}, hangup]
      "2": [{voicemail: {queue: loans, prompts: ask}}, hangup]
prompts: {ask: {en: "-"}}
""", "m.yaml", None, known)
    lines = mermaid(menu).splitlines()
    assert '  menu_main -->|"1"| end_callback_cards' in lines
    assert '  end_voicemail_loans>"voicemail loans"]' in lines
    assert "voicemail loans, hangup" in "".join(texts_of(svg(menu)))


def test_mermaid__with_counts(bank: Menu) -> None:
    lines = mermaid(bank, COUNTS).splitlines()
    assert '  menu_main -->|"2 (30)"| menu_cards' in lines
    assert '  menu_main -->|"3 (0)"| menu_loans' in lines
    assert any(line.startswith('  menu_main["<b>main</b><br/>150 came, 6 hung up (4 %)<br/>') for line in lines)
    assert any(line.startswith('  menu_cards["<b>cards</b><br/>nobody came<br/>') for line in lines)


def test_svg__is_xml_with_every_line_and_a_curve_to_each_menu(bank: Menu) -> None:
    picture = svg(bank)
    root = ElementTree.fromstring(picture)
    boxes = [rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "box"]
    assert len(boxes) == len(bank.choices)
    places = [tuple(float(rect.get(side, "")) for side in ("x", "y", "width", "height")) for rect in boxes]
    for number, (x, y, width, height) in enumerate(places):
        assert x + width < float(root.get("width", ""))
        assert y + height < float(root.get("height", ""))
        for other_x, other_y, _, other_height in places[:number]:
            assert x != other_x or y >= other_y + other_height or other_y >= y + height, "one box over another"
    said = texts_of(picture)
    assert {"main", "branches", "#", "no key"} <= set(said)
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "way"]) == 8


def test_svg__with_counts_and_a_line_that_is_too_long(bank: Menu) -> None:
    said = texts_of(svg(bank, COUNTS))
    assert "150 came, 6 hung up (4 %)" in said
    assert "30" in said
    long = "_".join(["a"] * 30)
    menu = load_menu(f"languages: [en]\nstart: a\nmenus:\n  a: {{prompts: {long}, on_failure: {{queue: b}}, options: "
                     f"{{'1': {{say: {long}}}}}}}\nprompts: {{{long}: {{en: A.}}}}\n", "m.yaml", None, None)
    (text,) = [text for text in texts_of(svg(menu)) if long in text]
    assert text == f"say {long}say {long[:40]}…", "the whole of it is the title, what is seen ends in an ellipsis"
