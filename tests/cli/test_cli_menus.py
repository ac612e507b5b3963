"""`hotline test`, `hotline call` and `hotline menu` as an admin runs them."""

import io
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.call.record import Batch, Outcome
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.cli.conftest import ROOT, Hotline, Ran
from tests.requests.visits import call_row, entry_row

BROKEN = """- dialogue: cards
  steps: [press: "1 2 0"]
  expect: {queue: loans}
"""


def test_test__the_sample_passes(hotline: Hotline, folder: Path) -> None:
    ran = hotline("test")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("menus/bank.test.yaml: all 34 dialogues passed on voice, all 33 passed on text in 0.")
    assert ran.out.endswith(" s; 68 of 68 ways of the menu were walked\n")


def test_test__a_failure_shows_the_dialogue(hotline: Hotline, folder: Path) -> None:
    (folder / "menus/bank.test.yaml").write_text(BROKEN)
    ran = hotline("test", "menus/bank.test.yaml", "--coverage", "--junit", "junit.xml")
    lines = ran.out.splitlines()
    assert ran.code == 1
    assert lines[:2] == [
        "menus/bank.test.yaml:1:13: failed on voice: cards",
        "  menus/bank.test.yaml:3:12: error: expected `queue: loans`, but `cards`: the caller waits in queue cards"]
    assert "       0.4  waits in queue cards, about: cards" in lines
    assert 'menus/bank.yaml:53:7: visited: menu main, option "2"' in lines
    assert 'menus/bank.yaml:54:7: not visited: menu main, option "3"' in lines
    assert lines[-1].startswith("menus/bank.test.yaml: 1 of 1 dialogues failed on voice, 1 of 1 failed on text in 0.")
    (suite,) = ElementTree.parse(folder / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite[0].get("name")) == ("2", "2", "cards (on voice)")
    assert "waits in queue cards" in (suite[0][0].text or "")


def test_test__against_another_version_and_as_json(hotline: Hotline, folder: Path) -> None:
    """The dialogues of today's menu show what yesterday's did otherwise."""
    old = folder / "yesterday.yaml"
    old.write_text((folder / "menus/bank.yaml").read_text().replace('"1": {queue: lost_card, subject: lost card}',
                                                                    '"1": {queue: cards}'))
    ran = hotline("test", "--menu", "yesterday.yaml", "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["passed"], found["failed"]) == (1, 65, 2)
    failed, in_writing = [one for one in found["files"][0]["dialogues"] if not one["passed"]]
    assert (failed["on"], in_writing["on"]) == ("voice", "text")
    assert failed["dialogue"] == "a lost card reaches its queue at once"
    assert [failure["message"] for failure in failed["failures"]] == [
        "expected `queue: lost_card`, but `cards`: the caller waits in queue cards",
        "expected `subject: lost card`, but `cards`: the caller waits in queue cards"]
    assert found["files"][0]["menu"] == "yesterday.yaml"


@pytest.mark.parametrize(("arguments", "says"), [
    (("test", "menus/bank.yaml"), "menus/bank.yaml: error: a file of dialogues has a name like its menu's "
                                  "(bank.test.yaml lies beside bank.yaml)\n"),
    (("test", "no.test.yaml"), "no.test.yaml: error: can't be read: No such file or directory\n"),
    (("call", "200"), "config.yaml: error: 200 is no line (there is 100)\n"),
    (("menu", "graph", "no.yaml"), "no.yaml: error: can't be read: No such file or directory\n"),
    (("menu", "graph", "--counts"), "config.yaml: error: nothing is recorded yet: there is no {folder}/var/hotline.db "
                                    "(start it: hotline serve)\n"),
])
def test_menus__what_is_not_there(hotline: Hotline, folder: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = hotline(*arguments)
    assert (ran.code, ran.err) == (1, says.format(folder=folder))


def test_test__no_dialogues_beside_the_menu(hotline: Hotline, folder: Path) -> None:
    (folder / "menus/bank.test.yaml").unlink()
    ran = hotline("test")
    assert (ran.code, ran.err) == (1, "config.yaml: error: no menu of it has dialogues beside it (write some into "
                                      "bank.test.yaml: docs/dialogues.md shows how)\n")


# --- hotline call -----------------------------------------------------------------------------------------------------
Call = Callable[..., Ran]


@pytest.fixture
def call(hotline: Hotline, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`hotline call` with a script at its standard input."""

    def run(script: str, *options: str) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(script))
        return hotline("call", *options)

    return run


def test_call__through_a_pipe(call: Call) -> None:
    ran = call("2 listen 2 silence\n3s 0\n", "--fast", "--caller", "+74951234567", "--at", "2026-11-27 23:10")
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0] == "call to 100 from +74951234567 at 2026-11-27 23:10 (menus/bank.yaml)"
    assert any(line.endswith("hears welcome (ru): Здравствуйте! Вы позвонили в Северный банк.") for line in lines)
    assert any("pressed nothing in time (1)" in line for line in lines)
    assert lines[-1] == "the caller waits in queue cards"


def test_call__through_a_pipe_at_the_pace_of_a_call(call: Call) -> None:
    began = time.monotonic()
    assert call("1 1s 1").out.splitlines()[-1] == "the caller waits in queue lost_card"
    assert time.monotonic() - began >= 1.2


def test_call__who_says_no_more_hangs_up(call: Call) -> None:
    assert call("1 listen", "--fast").out.splitlines()[-1] == "the caller hung up in menu main"
    wrong = call("1 lisen", "--fast")
    assert (wrong.code, wrong.err) == (1, "standard input: error: `lisen` is no word of a script: keys, listen, "
                                          "silence, speaks12s, or seconds such as 3s\n")


def at_a_terminal(folder: Path, typed: dict[str, str], *options: str) -> tuple[str, float, int]:
    """Types a key once a text has been shown; what the terminal showed, in how many seconds, and the exit code."""
    ours, theirs = pty.openpty()
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "ivr.cli.main", "call", *options], cwd=folder, stdin=theirs,
                               stdout=theirs, stderr=theirs, env={**os.environ, "PYTHONPATH": str(ROOT)})
    os.close(theirs)
    shown, keys = "", list(typed.items())
    while select.select([ours], [], [], 20)[0]:
        try:
            shown += os.read(ours, 4096).decode(errors="ignore")
        except OSError:         # the other end is closed
            break
        if keys and keys[0][0] in shown:
            os.write(ours, keys.pop(0)[1].encode())
    os.close(ours)
    return shown, time.monotonic() - began, process.wait(10)


def test_call__keys_at_a_terminal(folder: Path) -> None:
    shown, seconds, code = at_a_terminal(folder, {"For English": "1", "Welcome": "1"})
    assert code == 0, shown
    assert "keys 0-9 * #, s speaks for five seconds, q hangs up" in shown
    assert shown.splitlines()[-1] == "the caller waits in queue lost_card"
    assert seconds < 15


def test_call__fast_at_a_terminal(folder: Path) -> None:
    """Nothing is waited for: Enter is nothing pressed in time, q hangs up."""
    typed = {"нажмите два.": "\r", "ничего не нажали": "\r", "просто оставайтесь": "q"}
    shown, seconds, code = at_a_terminal(folder, typed, "--fast")
    assert code == 0, shown
    assert "pressed nothing in time (2)" in shown
    assert shown.splitlines()[-1] == "the caller hung up in menu language"
    assert seconds < 15, "half a minute of a call in a moment"


# --- hotline menu -----------------------------------------------------------------------------------------------------
@pytest.fixture
def recorded(folder: Path) -> Path:
    """The folder, with four calls in the database, and no other hotline of this machine to be asked instead."""
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("127.0.0.1:8080", "127.0.76.2:8080"))
    now = datetime.now(UTC)
    engine = open_database(f"sqlite:///{folder}/var/hotline.db")
    batches = [visit(1, now, ("1", "2"), Outcome.ABANDONED), visit(2, now, ("1",), Outcome.ABANDONED),
               visit(3, now, ("1", "0"), Outcome.ANSWERED), visit(4, now - timedelta(days=40), ("1",),
                                                                  Outcome.ABANDONED)]
    with engine.begin() as connection:
        write(connection, batches)
    engine.dispose()
    return folder


def visit(number: int, began: datetime, keys: tuple[str, ...], outcome: Outcome) -> Batch:
    """A call that chose these keys: the language, then in the main menu."""
    happened = [("answered", {}), ("menu_entered", {"menu": "language"})]
    for menu, key in zip(("language", "main"), keys, strict=False):
        happened.append(("option_chosen", {"menu": menu, "keys": key, "option": ""}))
        if key != "0":
            happened.append(("menu_entered", {"menu": {"language": "main", "main": "cards"}[menu]}))
    if outcome is Outcome.ANSWERED:
        happened.append(("request_opened", {"queue": "general", "subject": "general"}))
    happened.append(("ended", {"outcome": str(outcome), "by": "caller", "reason": "hung up"}))
    call = call_row(number, line="100", began_at=began, answered_at=began, ended_at=began, outcome=outcome,
                    ended_by="caller", request_id="r" if outcome is Outcome.ANSWERED else None)
    return Batch(calls=(call,), entries=tuple(entry_row(number, position, kind, **details)
                                              for position, (kind, details) in enumerate(happened)))


def test_graph__with_counts(hotline: Hotline, recorded: Path) -> None:
    ran = hotline("menu", "graph", "--counts")
    assert (ran.code, ran.err) == (0, "")
    assert '<b>language</b><br/>3 came, 0 hung up (0 %)"]' in ran.out
    assert '<b>main</b><br/>3 came, 1 hung up (33 %)<br/>' in ran.out
    assert '<b>cards</b><br/>1 came, 1 hung up (100 %)<br/>' in ran.out
    assert 'menu_main -->|"2 (1)"| menu_cards' in ran.out
    assert 'menu_main -->|"0 (1)"| end_queue_general' in ran.out
    assert "4 came" in hotline("menu", "graph", "--counts", "--days", "50").out


def test_graph__as_a_picture(hotline: Hotline, recorded: Path) -> None:
    assert hotline("menu", "graph", "--svg", "bank.svg", "--counts").code == 0
    assert "3 came, 1 hung up (33 %)" in (recorded / "bank.svg").read_text()
    ElementTree.parse(recorded / "bank.svg")


def answered_survey(number: int, began: datetime, **answers: str) -> Batch:
    happened = [("answered", {}), *(("survey_answered", {"menu": "main", "survey": "service", "question": question,
                                                         "answer": answer})
                                    for words, answer in answers.items() for question in words.split("__")[:1])]
    call = call_row(number, line="100", began_at=began, answered_at=began, ended_at=began, outcome=Outcome.SELF_SERVED)
    return Batch(calls=(call,), entries=tuple(entry_row(number, position, kind, **details)
                                              for position, (kind, details) in enumerate(happened)))


def test_surveys__of_each_caller_the_last_answer(hotline: Hotline, recorded: Path) -> None:
    """The second caller was asked twice, and thought better of it."""
    now = datetime.now(UTC)
    engine = open_database(f"sqlite:///{recorded}/var/hotline.db")
    with engine.begin() as connection:
        write(connection, [answered_survey(5, now, friendly="5", solved="yes"),
                           answered_survey(6, now, friendly="1", solved="no", friendly__again="4"),
                           answered_survey(7, now - timedelta(days=40), friendly="1")])
    engine.dispose()
    assert json.loads(hotline("menu", "surveys", "--json").out) == [
        {"of": "", "survey": "service", "question": "friendly", "asked": 2, "answered": 2, "rate": 1.0,
         "rate_between": [0.3424, 1.0], "mean": 4.5, "answers": {"4": 1, "5": 1}},
        {"of": "", "survey": "service", "question": "solved", "asked": 2, "answered": 2, "rate": 1.0,
         "rate_between": [0.3424, 1.0], "mean": None, "answers": {"no": 1, "yes": 1}}]
    rows = [" ".join(line.split()) for line in hotline("menu", "surveys", "--days", "50").out.splitlines()]
    assert "service friendly 3 3 100% (44% to 100%) 3.33 1: 1, 4: 1, 5: 1" in rows
    assert "service solved 2 2 100% (34% to 100%) no: 1, yes: 1" in rows
    rows = [" ".join(line.split()) for line in hotline("menu", "surveys", "--by", "operator").out.splitlines()]
    assert any(row.startswith("operator survey question asked") for row in rows)


def test_surveys__nobody_was_asked(hotline: Hotline, recorded: Path) -> None:
    ran = hotline("menu", "surveys")
    assert (ran.code, ran.err) == (0, "")


def test_export__of_the_latest_call(hotline: Hotline, recorded: Path) -> None:
    shown = json.loads(hotline("calls", "--json").out)
    wanted = next(row["id"] for row in shown if row["outcome"] == "answered")
    ran = hotline("menu", "export", wanted)
    assert ran.code == 0
    assert ran.out.endswith('  expect:\n    keys: ["1", "0"]\n    menu: main\n    queue: general\n'
                            '    subject: "general"\n')
    assert ran.err.splitlines() == ["the call met another version of menus/bank.yaml ()",
                                    "replayed on menus/bank.yaml: it ends as the call did"]


ASKING = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: general}}
menus:
  first:
    do:
      - http: {url: "https://bank.example/x", into: balance, answers: {amount: number, owner: text}, on_failure: hangup}
      - switch: [{when: balance.amount > 5 and "vip" in caller.groups, do: {queue: cards}}]
      - queue: loans
prompts: {hello: {en: "Hello.", ru: "Да."}}
"""


@pytest.fixture
def asking(folder: Path) -> Path:
    (folder / "asking.yaml").write_text(ASKING)
    with (folder / "config.yaml").open("a") as file:
        file.write('\ngroups: {vip: {accounts: [softphone]}}\n')
    return folder


def test_call__look_ups_are_answered_by_a_file(call: Call, asking: Path) -> None:
    (asking / "answers.yaml").write_text("lookups: {balance: {amount: 7}}\n")
    known = call("", "--fast", "--menu", "asking.yaml", "--answer", "answers.yaml", "--group", "vip")
    assert known.out.splitlines()[-1] == "the caller waits in queue cards"
    stranger = call("", "--fast", "--menu", "asking.yaml", "--answer", "answers.yaml")
    assert stranger.out.splitlines()[-1] == "the caller waits in queue loans"
    failed = call("", "--fast", "--menu", "asking.yaml")
    assert failed.out.splitlines()[-1].startswith("the caller was hung up on")
    assert "`balance` was asked, and failed: --answer FILE" in failed.err
    assert "did you mean `vip`" in call("", "--menu", "asking.yaml", "--group", "vp").err


def test_call__look_ups_are_asked_for_at_a_terminal(asking: Path) -> None:
    shown, _, code = at_a_terminal(asking, {"amount (Enter: it fails)": "7\x7f3\n", "owner (Enter: none)": "\n"},
                                   "--menu", "asking.yaml", "--group", "vip")
    assert code == 0, shown
    assert shown.splitlines()[-1] == "the caller waits in queue loans"
