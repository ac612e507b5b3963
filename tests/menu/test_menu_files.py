"""A menu that hands callers over to other files: one menu of all, whose names, places and versions tell the files."""

import random
from collections.abc import Mapping

import pytest

from ivr.base.errors import AdminError, Fault, Place
from ivr.menu.dialogue import Dialogue
from ivr.menu.lint.checked import Surroundings, check_menu
from ivr.menu.loader import load_menu, version_of
from ivr.menu.model import Known, Menu
from ivr.menu.sources import MOST_FILES, Sources, gather, mentioned, named, pack, path_from, spaces_of, unpack
from ivr.menu.steps import EnterQueue
from ivr.menu.testing.coverage import coverage
from ivr.menu.testing.loader import load_dialogues
from ivr.menu.testing.runner import run_all

KNOWN = Known(frozenset(["cards", "loans", "general"]), frozenset(["branch"]))
BANK = """\
languages: [en]
start: main
variables: {name: text, count: {kind: number, default: "1"}}
defaults: {first_key_s: 4, on_failure: {queue: general}}
menus:
  main:
    greeting: hello
    prompts: ask
    options:
      "1": {queue: cards}
      "2": {transfer: {menu: loans.yaml}}
      "3": {transfer: {menu: loans.yaml, start: mortgage}}
prompts:
  hello: {en: "Hello."}
  ask: {en: "For cards, press one. For loans, press two. For mortgages, press three."}
"""
LOANS = """\
languages: [en]
start: main
variables: {count: number}
defaults: {first_key_s: 8, on_failure: {queue: loans}}
menus:
  main:
    prompts: loans_ask
    options:
      "1": {goto: mortgage}
      "9": {transfer: {menu: bank.yaml}}
      "#": back
  mortgage:
    prompts: [hello, mortgage_ask]
    options:
      "1":
        - set: {count: count + 1}
        - switch:
          - {when: count > 2, do: {queue: general}}
          - otherwise: {queue: loans, subject: mortgage}
prompts:
  hello: {en: "Hello."}
  loans_ask: {en: "For mortgages, press one. For the bank, press nine. To go back, press hash."}
  mortgage_ask: {en: "For an officer, press one."}
"""


def sources(**changed: str) -> dict[str, str]:
    return {"menus/bank.yaml": BANK, "menus/loans.yaml": LOANS, **{f"menus/{name}.yaml": text
                                                                  for name, text in changed.items()}}


def gathered(texts: Mapping[str, str], first: str = "menus/bank.yaml") -> Sources:
    def read(path: str) -> str:
        if path not in texts:
            raise AdminError([Fault(Place(path), "can't be read: No such file or directory")])
        return texts[path]

    return gather(texts[first], first, read)


def loaded(first: str = "menus/bank.yaml", **changed: str) -> Menu:
    texts = sources(**changed)
    return load_menu(texts[first], first, None, KNOWN, gathered(texts, first))


def faults(**changed: str) -> list[str]:
    with pytest.raises(AdminError) as caught:
        loaded(**changed)
    return [str(fault) for fault in caught.value.faults]


def clips(menu: Menu) -> dict[str, float]:
    return dict.fromkeys(menu.clips(), 2.0)


# --- one menu of all ------------------------------------------------------------------------------------------------
def test_files__names_tell_the_file_and_defaults_are_its_own() -> None:
    menu = loaded()
    assert list(menu.choices) == ["main", "loans/main", "loans/mortgage"]
    assert set(menu.prompts) == {"hello", "ask", "loans/hello", "loans/loans_ask", "loans/mortgage_ask"}
    assert [choice.first_key for choice in menu.choices.values()] == [4, 8, 8]
    assert str(menu.choices["loans/main"].on_failure[0]) == "queue loans"
    assert menu.variables["count"].default == 1, "a default of one file counts in all"
    assert menu.file == "menus/bank.yaml"


def test_files__version_is_over_all_and_that_of_one_alone_is_its_text() -> None:
    menu = loaded()
    assert [(one.path, one.version) for one in menu.files] == [
        ("menus/bank.yaml", version_of(BANK)), ("menus/loans.yaml", version_of(LOANS))]
    assert menu.version not in (version_of(BANK), version_of(LOANS))
    assert loaded(loans=LOANS + "# a remark\n").version != menu.version != loaded(bank=BANK + "# a remark\n").version
    alone = BANK.replace("{transfer: {menu: loans.yaml, start: mortgage}}", "repeat").replace(
        "{transfer: {menu: loans.yaml}}", "repeat")
    assert load_menu(alone, "menus/bank.yaml", None, KNOWN).version == version_of(alone)


def test_files__callers_go_there_and_come_back() -> None:
    menu = loaded()
    walked = Dialogue(menu, clips(menu)).press("2").listen().press("1").listen().press("1")
    assert isinstance(walked.end, EnterQueue)
    assert (walked.end.queue, walked.end.subject) == ("loans", "mortgage")
    assert Dialogue(menu, clips(menu)).press("3").interpreter.choice.name == "loans/mortgage"
    assert Dialogue(menu, clips(menu)).press("2").listen().press("9").interpreter.choice.name == "main"
    assert Dialogue(menu, clips(menu)).press("2").listen().press("#").interpreter.choice.name == "main"


def test_files__variables_are_shared() -> None:
    menu = loaded(bank=BANK.replace('{kind: number, default: "1"}', '{kind: number, default: "2"}'))
    walked = Dialogue(menu, clips(menu)).press("3").listen().press("1")
    assert isinstance(walked.end, EnterQueue)
    assert walked.end.queue == "general"


def test_files__a_menu_of_another_line_is_the_first_of_its_own() -> None:
    menu = loaded("menus/loans.yaml", loans=LOANS.replace('      "#": back\n', ""))
    assert menu.start == "main"
    assert set(menu.choices) == {"main", "mortgage", "bank/main"}


@pytest.mark.parametrize(("first", "paths", "spaces"), [
    ("menus/bank.yaml", ("menus/loans.yaml", "menus/sub/loans.yaml"), ["loans/", "sub/loans/"]),
    ("/srv/menus/bank.yaml", ("/srv/shared/loans.yaml", "/srv/menus/shared/loans.yaml"),
     ["shared/loans/", "shared/loans~2/"]),
    ("bank.yaml", ("../loans.yml",), ["loans/"]),
])
def test_spaces__from_the_folder_of_the_first(first: str, paths: tuple[str, ...], spaces: list[str]) -> None:
    assert list(spaces_of(first, paths).values()) == ["", *spaces]


def test_packed__texts_of_all_files_come_back() -> None:
    assert unpack(pack({"a": BANK})) == (BANK, Sources())
    assert unpack(pack({"a": BANK, "b": LOANS})) == (BANK, Sources({"b": LOANS}))
    assert path_from("menus/bank.yaml", "../x/./loans.yaml") == "x/loans.yaml"


# --- what is wrong is told in the right file --------------------------------------------------------------------------
ROUND = "a caller who presses nothing would go round for ever:"
DIFFERS = "error: variable `count` has another kind in"
BILINGUAL = LOANS.replace("[en]", "[en, ru]").replace('"Hello."', '"Hello.", ru: "A"').replace(
    'press hash."', 'press hash.", ru: "B"').replace('officer, press one."', 'officer, press one.", ru: "C"')


@pytest.mark.parametrize(("changed", "expected"), [
    pytest.param({"bank": BANK.replace("loans.yaml}", "lones.yaml}")},
                 ["bank.yaml:11:30: error: lones.yaml can't be read: No such file or directory (correct the name: it "
                  "is relative to the file that it stands in)"], id="missing"),
    pytest.param({"bank": BANK.replace("loans.yaml}", "/etc/passwd}")},
                 ["bank.yaml:11:30: error: `/etc/passwd` can't be a menu file (write it as it lies from the folder of "
                  "this file, such as loans.yaml; Latin letters)"], id="name"),
    pytest.param({"bank": BANK.replace("start: mortgage", "start: morgage")},
                 ["bank.yaml:12:49: error: there is no menu `morgage` in loans.yaml (did you mean `mortgage`? allowed: "
                  "main, mortgage)"], id="start"),
    pytest.param({"bank": BANK.replace("{menu: loans.yaml}", "{start: main}")},
                 ["bank.yaml:11:23: error: `transfer` lacks `menu` (add a line `menu:`)"], id="no menu"),
    pytest.param({"loans": LOANS.replace("{goto: mortgage}", "{goto: morgage}")},
                 ["loans.yaml:9:19: error: there is no menu `morgage` (did you mean `mortgage`? allowed: main, "
                  "mortgage)"], id="in the other file"),
    pytest.param({"loans": LOANS + "  x: [\n"}, ["loans.yaml:25:"], id="yaml"),
    pytest.param({"loans": LOANS.replace("languages: [en]", "languages: [ru]").replace("{en:", "{ru:")},
                 ["loans.yaml:1:12: error: callers come here from menus/bank.yaml and may speak `en`, which this file "
                  "has not (add the language here, with the text of every prompt)"], id="languages"),
    pytest.param({"loans": BILINGUAL.replace('"#": back', '"#": {language: ru}')},
                 ["loans.yaml:11:23: error: there is no language `ru` in menus/bank.yaml, from which callers come here "
                  "(allowed: en)"], id="language of theirs alone"),
    pytest.param({"loans": LOANS.replace("{count: number}", "{count: text}").replace("count + 1", "'x'").replace(
        "count > 2", "count == 'y'")},
                 [f"bank.yaml:3:25: {DIFFERS} menus/loans.yaml:3:13: within a call it is one variable (",
                  f"loans.yaml:3:13: {DIFFERS} menus/bank.yaml:3:25: within a call it is one variable ("],
                 id="variable"),
    pytest.param({"loans": LOANS.replace('hello: {en: "Hello."}', 'hello: {en: "Good day."}')},
                 ["loans.yaml:21:11: error: en/hello.wav is the file of prompt `hello` of "
                  "menus/bank.yaml too, with another text (give one of them another file, or write `folder: NAME` at "
                  "the left margin of one of the menu files)"], id="one sound for two texts"),
    pytest.param({"loans": LOANS.replace("on_failure: {queue: loans}", "on_failure: {transfer: {menu: bank.yaml}}"),
                  "bank": BANK.replace("on_failure: {queue: general}", "on_failure: {transfer: {menu: loans.yaml}}")},
                 [f"bank.yaml:4:28: error: {ROUND} main → loans/main → main (",
                  f"loans.yaml:4:28: error: {ROUND} loans/main → main → loans/main ("], id="circle of the silent"),
])
def test_faults__in_the_file_that_is_wrong(changed: dict[str, str], expected: list[str]) -> None:
    found = faults(**changed)
    assert len(found) == len(expected), found
    for told, start in zip(found, expected, strict=True):
        assert told.startswith(f"menus/{start}")


def test_folder__prompts_of_a_file_lie_in_a_folder_of_their_own() -> None:
    own = LOANS.replace("start: main", "start: main\nfolder: loans", 1)
    menu = loaded(loans=own.replace('hello: {en: "Hello."}', 'hello: {en: "Good day."}'))
    assert menu.prompts["loans/hello"].wordings["en"].clip == "en/loans/hello.wav"
    assert menu.prompts["hello"].wordings["en"].clip == "en/hello.wav"
    assert any("can't be a folder of prompts" in fault for fault in faults(loans=own.replace("folder: loans",
                                                                                            "folder: ../x")))


def test_bounds__many_files_and_large_ones() -> None:
    chain = {f"menus/f{number}.yaml": BANK.replace("loans.yaml", f"f{number + 1}.yaml").replace(", start: mortgage", "")
             for number in range(MOST_FILES + 5)}
    found = gathered(chain, "menus/f0.yaml")
    assert (len(found.texts), list(found.refused)) == (MOST_FILES - 1, [f"menus/f{MOST_FILES}.yaml"])
    with pytest.raises(AdminError, match=r"menus/f49.yaml:11:30: error: f50.yaml would be more than the 50 files"):
        load_menu(chain["menus/f0.yaml"], "menus/f0.yaml", None, KNOWN, found)
    large = gathered({"menus/bank.yaml": BANK, "menus/loans.yaml": LOANS + "#" * 2_000_000})
    assert [refused.code for refused in large.refused.values()] == ["menu-files-bounds"]


# --- the check ------------------------------------------------------------------------------------------------------
def checked(**changed: str) -> list[tuple[str, str, int, int]]:
    texts = sources(**changed)
    result = check_menu(texts["menus/bank.yaml"], "menus/bank.yaml", Surroundings(known=KNOWN), gathered(texts))
    return [(fault.code, fault.place.file, fault.place.line, fault.place.column) for fault in result.findings]


def test_check__nothing_to_complain_of() -> None:
    assert checked() == []


@pytest.mark.parametrize(("loans", "found"), [
    (LOANS.replace('"1": {goto: mortgage}\n', '"1": {queue: loans}\n').replace("to mortgage", ""), []),
    (LOANS + '  unsaid: {en: "Never."}\n', [("prompt-unused", "menus/loans.yaml", 24, 3)]),
    (LOANS.replace('      "9": {transfer', '      "92": repeat\n      "9": {transfer'),
     [("option-not-named", "menus/loans.yaml", 10, 7), ("key-delay", "menus/loans.yaml", 11, 7)]),
    (LOANS.replace("first_key_s: 8", "first_key_s: 2"), [("timeout-short", "menus/loans.yaml", 4, 12)]),
    (LOANS.replace('"#": back\n', '"#": back\n      "5": repeat    # check: allow option-not-named  known\n'), []),
])
def test_check__finds_in_the_other_file(loans: str, found: list[tuple[str, str, int, int]]) -> None:
    assert checked(loans=loans) == found


def test_check__no_way_to_a_person_across_files() -> None:
    bank = BANK.replace('{queue: cards}', "repeat").replace(", start: mortgage", "")
    loans = LOANS.replace('"1": {goto: mortgage}', '"1": repeat').partition("  mortgage:")[0] + (
        'prompts:\n  loans_ask: {en: "Again: press one. For the bank, press nine. To go back, press hash."}\n')
    assert ("menu-dead-end", "menus/bank.yaml", 6, 3) in checked(bank=bank, loans=loans)


def test_check__menus_of_the_other_file_that_nobody_comes_to() -> None:
    bank = BANK.replace("{transfer: {menu: loans.yaml}}", "repeat")
    assert [one for one in checked(bank=bank) if one[0] == "menu-unreachable"] == [
        ("menu-unreachable", "menus/loans.yaml", 6, 3)]


# --- dialogues --------------------------------------------------------------------------------------------------------
def test_dialogue__crosses_files_and_counts_ways_of_each() -> None:
    menu, texts = loaded(), sources()
    tests = load_dialogues("""\
- dialogue: a mortgage
  steps: [wait_s: 3, press: "3", listen, press: "1"]
  expect: {heard: [hello, loans/hello, loans/mortgage_ask], menu: loans/mortgage, queue: loans, keys: ["3", "1"]}
""", "menus/bank.test.yaml", menu, KNOWN)
    (went,) = run_all(tests, menu, clips(menu))
    assert [str(fault) for fault in went.failures] == []
    branches = coverage(menu, BANK, [went.dialogue], gathered(texts))
    gone = [(branch.place.file, branch.place.line, branch.menu, branch.way) for branch in branches if branch.visited]
    assert gone == [("menus/bank.yaml", 12, "main", "3"), ("menus/loans.yaml", 15, "loans/mortgage", "1"),
                    ("menus/loans.yaml", 19, "loans/mortgage", "1/2/otherwise")]


def test_files__whatever_is_written_there_is_a_menu_or_faults_with_places() -> None:
    """Characters taken out, doubled and swapped in either file."""
    chance = random.Random(37)
    places: list[str] = []
    for _ in range(80):
        texts = {"bank": BANK, "loans": LOANS}
        name = chance.choice(sorted(texts))
        at, size = chance.randrange(len(texts[name])), chance.randrange(1, 12)
        cut = texts[name][at:at + size]
        texts[name] = texts[name][:at] + chance.choice(["", cut * 2, cut[::-1], "{", "/"]) + texts[name][at + size:]
        try:
            loaded(**texts)
        except AdminError as error:
            places += {fault.place.file for fault in error.faults}
    assert set(places) == {"menus/bank.yaml", "menus/loans.yaml"}
    assert len(places) > 25


def test_mentioned__finds_without_parsing_what_parsing_finds() -> None:
    text = BANK + 'more:\n  transfer:\n    menu:\n      "sub/x.yaml"\n'
    assert {*named(text, "menus/bank.yaml")} == {*mentioned(text, "menus/bank.yaml")} == {
        "menus/loans.yaml", "menus/sub/x.yaml"}
