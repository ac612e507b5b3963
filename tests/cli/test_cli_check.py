"""`hotline check` on files that an admin spoiled: where, what is wrong, what to do. Faults end with 1, warnings with 0.

What a single file says of itself is tested with its reader; here is what only shows when all are read together.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Hotline


def change(file: Path, *changes: tuple[str, str]) -> int:
    """Put the second text of each in place of the first; the line in which the last one stands."""
    text, line = file.read_text(), 0
    for old, new in changes:
        assert old in text
        line = text[:text.index(old)].count("\n") + 1
        text = text.replace(old, new, 1)
    file.write_text(text)
    return line


def test_check__the_sample_is_well(hotline: Hotline, folder: Path) -> None:
    ran = hotline("check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("all well: 1 number, 1 menu file, 129 clips (")
    assert ran.out.endswith(" s), 7 queues, 2 operators\n")


# What stands in config.yaml, what is put in its place, and the one line that is said: {line} is that of the change.
def next_key(path: Path, line: int) -> int:
    """The number of the next line after `line` that is no comment."""
    lines = path.read_text().splitlines()
    return next(number for number in range(line + 1, len(lines) + 1) if not lines[number - 1].lstrip().startswith("#"))


@pytest.mark.parametrize(("old", "new", "says"), [
    pytest.param("  max_calls: 400", "\tmax_calls: 400",
                 "config.yaml:{line}:1: error: a tab (indent with spaces)", id="tab"),
    pytest.param("tcp:0.0.0.0:5060]", "tcp:0.0.0.0:5060",
                 "config.yaml:{after}:3: error: the bracket of line {line}, column 11 is not closed before this "
                 '(close it; put a comma between values, and "*" and "#" in quotes)', id="bracket"),
    pytest.param("drain_s: 30", "drian_s: 30",
                 "config.yaml:{line}:1: error: unknown key `drian_s` (did you mean drain_s? there is ", id="key"),
    pytest.param("# language: en ", "language: de ",
                 "config.yaml:{line}:15: error: the menu does not speak de (`languages` of {folder}/menus/bank.yaml: "
                 "en, ru) [line-language-unknown]", id="language"),
    pytest.param("music/hold.wav ", "music/hodl.wav ",
                 "config.yaml:{line}:12: error: the music music/hodl.wav is not among the prompts (put it into "
                 "{folder}/audio_prompts; did you mean music/hold.wav? there is music/beep.wav, "
                 "music/hold.wav)", id="music"),
    pytest.param("{message: nobody_available}", "{message: nobody_availible}",
                 "config.yaml:{line}:25: error: there is no announcement `nobody_availible` (did you mean "
                 "nobody_available? there is ", id="announcement"),
    pytest.param("  boris:\n    display_name: Boris\n    languages: [en, ru]\n", "  boris:\n",
                 "config.yaml:{line}:3: error: `boris` has no value (write {{}} to take every default)",
                 id="operator"),
])
def test_check__one_mistake_in_the_configuration(hotline: Hotline, folder: Path, old: str, new: str, says: str) -> None:
    line = change(folder / "config.yaml", (old, new))
    ran = hotline("check")
    assert (ran.code, ran.err) == (1, "1 fault\n")
    assert len(ran.out.splitlines()) == 1
    assert ran.out.startswith(says.format(line=line, after=next_key(folder / "config.yaml", line), folder=folder))


def test_check__every_mistake_at_once(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ("{goto: cards}", "{goto: crads}"), ("{queue: loans}", "{queue: laons}"))
    line = change(folder / "config.yaml", ("music/hold.wav ", "music/hodl.wav "))
    ran = hotline("check")
    assert (ran.code, ran.err) == (1, "3 faults\n")
    assert [line.partition(": error: ")[0] for line in ran.out.splitlines()] == [
        f"config.yaml:{line}:12", "menus/bank.yaml:53:19", "menus/bank.yaml:80:20"]


def test_check__what_no_caller_meets_is_a_warning(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ("{goto: loans}", "{goto: cards}"),
           ("{say: card_activation}", "{say: card_abroad}"))
    ran = hotline("check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:2] == [
        "menus/bank.yaml:74:3: warning: no caller comes to menu `loans` (write an option with `goto: loans`, "
        "or take the menu out) [menu-unreachable]",
        "menus/bank.yaml:162:3: warning: nothing says prompt `card_activation` (write an option with "
        "`say: card_activation`, or take the prompt out) [prompt-unused]"]
    assert ran.out.splitlines()[2].startswith("it can start, with 2 warnings: 1 number, ")
    assert hotline("check", "--strict").code == 1


def test_check__errors_and_warnings_of_all_files(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ("{goto: loans}", "{goto: cards}"))
    change(folder / "config.yaml", ("music/hold.wav ", "music/hodl.wav "))
    ran = hotline("check")
    assert [line.rpartition(" ")[2] for line in ran.out.splitlines()] == ["[music-missing]", "[menu-unreachable]"]
    assert (ran.code, ran.err) == (1, "1 fault, 1 warning\n")


def test_check__what_the_configuration_says_of_operators_and_limits(hotline: Hotline, folder: Path) -> None:
    change(folder / "config.yaml", ("max_options: 8 ", "max_options: 7 "),
           ("    languages: [en, ru]", "    languages: [en]"), ("    languages: [en, ru]", "    languages: [en-GB]"))
    lines = hotline("check").out.splitlines()
    assert lines[0] == (
        "menus/bank.yaml:32:7: warning: callers who speak `ru` come to queue `general`, and nobody there speaks it "
        "(add the language to one of its operators in config.yaml, or lead these callers to another queue) "
        "[queue-language]")
    assert {line.rpartition(" ")[2] for line in lines[:-1]} == {"[queue-language]", "[options-too-many]"}


def test_check__a_queue_that_overflows_to_others(hotline: Hotline, folder: Path) -> None:
    """Nobody answers `lost_card` itself: its callers come to `general`, so nothing is said of their languages."""
    change(folder / "config.yaml", ("    operators: [anna, boris]\n    ring_time_s: 12 ", "    ring_time_s: 12 "))
    assert [line.rpartition(" ")[2] for line in hotline("check").out.splitlines()[:-1]] == ["[queue-without-operators]"]


def test_check__a_remark_silences_and_is_counted(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ("{goto: loans}", "{goto: cards}"),
           ("  loans:\n", "  loans:    # check: allow menu-unreachable comes back in spring\n"))
    change(folder / "config.yaml", ("  boris:\n", "  vera: {}  # check: allow operator-without-queue begins on Monday\n"
                                    "  boris:\n"))
    ran = hotline("check", "--strict")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("all well, 2 findings allowed: 1 number, ")
    written = json.loads(hotline("check", "--json").out)
    assert (written["errors"], written["warnings"], written["findings"]) == (0, 0, [])
    assert [finding["code"] for finding in written["allowed"]] == ["operator-without-queue", "menu-unreachable"]


def test_check__for_programs(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ("{goto: cards}", "{goto: crads}"))
    ran = hotline("check", "--json")
    (finding,) = json.loads(ran.out)["findings"]
    assert (ran.code, ran.err) == (1, "")
    assert (finding["code"], finding["file"], finding["line"], finding["column"]) == (
        "menu-unknown", "menus/bank.yaml", 53, 19)
    ran = hotline("check", "--sarif")
    (result,) = json.loads(ran.out)["runs"][0]["results"]
    assert (ran.code, result["ruleId"], result["level"]) == (1, "menu-unknown", "error")
    assert hotline("check", "--json", "--sarif").code == 2


def test_check__exit_codes_are_documented(hotline: Hotline) -> None:
    said = " ".join(hotline("check", "--help").out.split())
    assert "Exit codes: 0 all well, or warnings alone; 1 an error, or with --strict a warning; 2 wrong usage." in said


def test_check__a_text_is_newer_than_its_sound(hotline: Hotline, folder: Path) -> None:
    change(folder / "menus/bank.yaml", ('\n    en: "Welcome to North Bank."', '\n    en: "Welcome to South Bank."'))
    ran = hotline("check")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == (
        "audio_prompts/en/welcome.wav: warning: callers still hear an older text than the menu has now "
        "(record it anew, or `hotline prompts build`) [recording-outdated]")


def test_check__a_recording_of_a_person_may_say_what_it_likes(hotline: Hotline, folder: Path) -> None:
    (folder / "audio_prompts").unlink()
    shutil.copytree(ROOT / "audio_prompts", folder / "audio_prompts")
    record = folder / "audio_prompts/manifest.json"
    record.write_text(json.dumps({clip: origin for clip, origin in json.loads(record.read_text()).items()
                                  if clip != "en/welcome.wav"}))
    change(folder / "menus/bank.yaml", ('\n    en: "Welcome to North Bank."', '\n    en: "Welcome to South Bank."'))
    assert hotline("check").out.startswith("all well: ")


def test_check__a_variable_that_the_service_may_have(hotline: Hotline, folder: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    line = change(folder / "config.yaml", ("    display_name: Anna\n", "    phone_password_env: PHONE_OF_ANNA\n"))
    assert hotline("check").out.splitlines()[0] == (
        f"config.yaml:{line}:25: warning: the environment variable PHONE_OF_ANNA is not set here (set it where the "
        "service is started) [environment-missing]")
    monkeypatch.setenv("PHONE_OF_ANNA", "a password")
    assert hotline("check").out.startswith("all well: ")


def test_check__a_broken_sound_is_said_once(hotline: Hotline, folder: Path) -> None:
    spoil_sound(folder)
    ran = hotline("check")
    (line,) = ran.out.splitlines()
    assert line.startswith("audio_prompts/en/welcome.wav: error: it can't be decoded: ")
    assert (ran.code, ran.err) == (1, "1 fault\n")


def test_check__every_file_is_named_in_the_same_way(hotline: Hotline, folder: Path) -> None:
    menu = folder / "menus/bank.yaml"
    menu.write_text(menu.read_text() + "nonsense: 1\n")
    spoil_sound(folder)
    for config in ("config.yaml", str(folder / "config.yaml")):
        places = [line.partition(":")[0] for line in hotline("check", "--config", config).out.splitlines()]
        assert places == ["audio_prompts/en/welcome.wav", "menus/bank.yaml"]


def spoil_sound(folder: Path) -> None:
    """The folder's prompts become a copy, in which one is no sound."""
    (folder / "audio_prompts").unlink()
    shutil.copytree(ROOT / "audio_prompts", folder / "audio_prompts")
    (folder / "audio_prompts/en/welcome.wav").write_bytes(b"no sound at all")


def test_check__a_database_that_lets_nobody_in(hotline: Hotline, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(folder / "config.yaml", ("sqlite:///var/hotline.db #", "postgresql://hotline@127.0.0.1:1/hotline #"))
    ran = hotline("check")
    assert ran.code == 0
    warning, verdict = ran.out.splitlines()
    assert warning.startswith("config.yaml: warning: cannot open postgresql://hotline@127.0.0.1:1/hotline: ")
    assert warning.endswith("(check that the server runs, and host, port, user, password and database of the URL) "
                            "[database-unreachable]")
    assert verdict.startswith("it can start once the database is well, with 1 warning: 1 number, ")
    change(folder / "config.yaml", ("  spool_max_mb: 256 ", "  password_env: OF_DATABASE "))
    only, _ = hotline("check").out.splitlines()
    assert "the environment variable OF_DATABASE is not set here" in only
    monkeypatch.setenv("OF_DATABASE", "secret")
    assert "@127.0.0.1:1/hotline: " in hotline("check").out
