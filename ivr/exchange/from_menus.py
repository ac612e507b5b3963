"""Menus that change while calls run: sounds go to the planes first, then new calls get the new version, or a share of
them tries it; what only ended calls had is let go of."""

from collections.abc import Sequence
from typing import Any

from ivr.base.values import changed, frozen
from ivr.call.record import Batch, MenuVersionRow, Outcome
from ivr.call.state import CallState
from ivr.exchange.editions import Edition, LineEditions, MenuChange, Pending, Text, Try, newer, version_id
from ivr.exchange.effects import ToPlane, ToStore
from ivr.exchange.house import House, OpenCall, report
from ivr.media import commands
from ivr.menu.canary import Canary, Tally, Verdict
from ivr.menu.model import Menu

SWEEP = 5.0              # s between looks which versions no call has any more
TIMER = ("menus", "sweep")
FAULTS_KEPT = 50         # of a refused change
IN_THE_MENU = (CallState.OFFERED, CallState.NOTICED, CallState.IN_MENU, CallState.LEAVING)


@frozen
class SweepDue:
    """Timer: see which versions no call has any more."""


def load(house: House, clip: str, worker: int) -> ToPlane:
    """Have a plane read a clip; who waits for it notes it down."""
    editions = house.editions
    return ToPlane(commands.LoadClip(clip, editions.clips[clip], editions.encoded.get(clip, ())), worker)


# --- a change -------------------------------------------------------------------------------------------------------
def change_menus(house: House, change: MenuChange, now: float) -> list[Any]:
    """Take up what the files say now. What waited before is passed over: its files say something else."""
    editions = house.editions
    editions.refused, editions.refused_at, editions.pending = (), None, None
    for line in editions.lines.values():
        if line.returned != change.menus[line.path].version:
            line.returned = ""
    made = newer(editions, change)
    if not made:
        house.hours = change.hours      # others than before, where a version that was returned is all that is new
        house.lines.clear()
        _sweep_soon(house, now)
        return [*_keep_texts(house, change, now), *_keep_trials(house)]
    added = editions.add_clips(change)
    editions.pending = Pending(made, change)
    loads = [load(house, clip, worker) for clip in added for worker in house.legs.planes.there]
    for sent in loads:
        editions.ask(sent.worker or 0, sent.command.clip)
    _sweep_soon(house, now)
    return [*loads, *_take_if_read(house, now)]


def refuse_menus(house: House, faults: Sequence[str], now: float) -> list[Any]:
    editions = house.editions
    editions.refused, editions.refused_at = tuple(faults[:FAULTS_KEPT]), house.to_utc(now)
    house.count("menu_changes_refused")
    return [report("error", "menus_refused", faults=len(faults), calls_go_on_with="the last good version"),
            *(report("error", "menu_fault", fault=fault) for fault in editions.refused)]


def _take_if_read(house: House, now: float) -> list[Any]:
    editions = house.editions
    pending = editions.pending
    if pending is None or not editions.is_read():
        return []
    editions.pending = None
    house.hours = pending.change.hours
    done: list[Any] = []
    for number, line in editions.lines.items():
        edition = pending.editions.get(line.path)
        if edition is not None and edition.menu.version != line.returned and not edition.is_like(line.newest):
            done.append(_give(house, number, line, edition, now))
    house.lines.clear()
    _sweep_soon(house, now)
    return [*done, *_keep_texts(house, pending.change, now), *_keep_trials(house)]


def _give(house: House, number: str, line: LineEditions, edition: Edition, now: float) -> Any:
    """New calls of a line get this edition, or a share of them if its text is new and the line is careful."""
    version = edition.menu.version
    if line.trial is not None and version == line.trial.menu.version:
        line.trial = edition                    # the same text with other sounds: the trial goes on
    elif line.percent and version != line.current.menu.version:
        row = house.editions.rows.get(line.path)
        if row is not None and row.version == line.current.menu.version:
            line.old_text = row.text            # else an earlier trial has noted it
        line.trial, line.canary = edition, Canary(line.percent, version)
    else:
        line.current, line.trial, line.canary = edition, None, None
    line.since = house.to_utc(now)
    house.editions.alive[edition.number] = edition
    house.count("menu_versions_given")
    return report("info", "menu_version", line=number, file=edition.menu.file, version=version,
                  announcements=edition.announcements.version, percent=line.percent if line.trial else 100)


# --- what the planes tell -------------------------------------------------------------------------------------------
def clip_read(house: House, worker: int, clip: str, now: float) -> list[Any]:
    """A plane has a clip."""
    if not house.editions.unread:
        return []
    house.editions.read(worker, clip)
    return _take_if_read(house, now)


def clip_failed(house: House, worker: int, clip: str, reason: str, now: float) -> list[Any]:
    """A plane will not have a clip: who needs it would hear nothing."""
    editions = house.editions
    if not editions.read(worker, clip) or editions.pending is None or clip not in editions.pending.clips:
        return []
    file = editions.pending.change.announcements.file
    editions.pending = None
    return refuse_menus(house, [f"{file}: error: the media plane can't take the clip {clip}: {reason} (once calls with "
                                "older versions have ended, save the file again)"], now)


def plane_begins_anew(house: House, worker: int, now: float) -> list[Any]:
    """It is gone, or back and reads every clip before it gets calls: nothing waits for it."""
    editions = house.editions
    editions.unread = {key: times for key, times in editions.unread.items() if key[0] != worker}
    return _take_if_read(house, now)


# --- a trial --------------------------------------------------------------------------------------------------------
def try_menu(house: House, number: str, call: str, edition: int) -> None:
    """A call has come in on a line: if there is a trial, it counts."""
    line = house.editions.lines[number]
    if line.trial is not None and line.canary is not None:
        house.editions.tried[call] = Try(number, line.canary, edition == line.trial.number)


def follow(house: House, opened: OpenCall, now: float) -> list[Any]:
    """A call of a trial may have left its menu: to a queue, or by hanging up."""
    call = opened.call
    tried = house.editions.tried.get(call.call)
    if tried is None or call.state in IN_THE_MENU:
        return []
    del house.editions.tried[call.call]
    row, line = call.visit.call, house.editions.lines[tried.line]
    if row.answered_at is None or row.outcome is Outcome.FAILED or line.canary is not tried.canary:
        return []
    verdict = tried.canary.left(tried.new, row.outcome is Outcome.ABANDONED)
    return [] if verdict is None else _judged(house, tried.line, verdict, now)


def _judged(house: House, number: str, verdict: Verdict, now: float) -> list[Any]:
    line = house.editions.lines[number]
    trial, canary = line.trial, line.canary
    if trial is None or canary is None:
        return []
    line.trial = line.canary = None
    line.since = house.to_utc(now)
    figures = {"line": number, "file": trial.menu.file, "version": trial.menu.version, "calls": canary.new.calls,
               "lost": canary.new.lost, "calls_before": canary.old.calls, "lost_before": canary.old.lost}
    if verdict is Verdict.RETURN:
        line.returned = trial.menu.version
        house.count("menu_trials_returned")
        told = report("error", "menu_returned", **figures, back_to=line.current.menu.version)
    else:
        line.current = trial
        told = report("info", "menu_trial_passed", **figures)
    row = house.editions.rows.get(line.path)
    kept = [] if row is None or row.version != trial.menu.version else [_keep(house, changed(
        row, revision=row.revision + 1, state="returned" if verdict is Verdict.RETURN else "taken"))]
    house.lines.clear()
    _sweep_soon(house, now)
    return [told, *kept, *_keep_trials(house)]


def resume_trial(house: House, number: str, old: Menu, change: MenuChange, text: str, returned: bool) -> None:
    """A line goes on as before a restart: with the `old` menu, read from `text`, while the one of its file is on trial,
    or was returned. `change` has the sounds of both. For before there are planes."""
    editions, line = house.editions, house.editions.lines[number]
    newer_one = line.current
    line.current, line.old_text = editions.edition(old, change), text
    editions.add_clips(change)
    editions.alive[line.current.number] = line.current
    if returned:
        line.returned = newer_one.menu.version
    else:
        line.trial, line.canary = newer_one, Canary(line.percent, newer_one.menu.version)
    editions.trials_kept = editions.trials()


def _keep_trials(house: House) -> list[Any]:
    editions = house.editions
    known, editions.trials_kept = editions.trials_kept, editions.trials()
    return [] if editions.trials_kept == known else [editions.trials_kept]


# --- what is kept and what is let go of -----------------------------------------------------------------------------
def _keep_texts(house: House, change: MenuChange, now: float) -> list[Any]:
    """Rows for the texts that are new."""
    kept = []
    for path, text in change.texts.items():
        row = house.editions.rows.get(path)
        if row is None or row.version != text.version:
            kept.append(_keep(house, _row(house, path, text, now)))
    return kept


def _row(house: House, path: str, text: Text, now: float) -> MenuVersionRow:
    """The same after every restart, as long as nobody touches the file."""
    node = house.config.node
    on_trial = any(line.trial is not None and line.path == path and line.trial.menu.version == text.version
                   for line in house.editions.lines.values())
    return MenuVersionRow(id=version_id(node, path, text.version, text.changed_ns), revision=1, node=node, file=path,
                          version=text.version, at=house.to_utc(now), author=text.author,
                          text=text.text, state="trial" if on_trial else "taken")


def _keep(house: House, row: MenuVersionRow) -> ToStore:
    house.editions.rows[row.file] = row
    return ToStore(Batch(menu_versions=(row,)))


def _sweep_soon(house: House, now: float) -> None:
    if not house.editions.sweeping:
        house.editions.sweeping = True
        house.timers.start(TIMER, now + SWEEP, SweepDue())


def sweep(house: House, event: SweepDue, now: float) -> list[Any]:
    """Let go of versions that no call has any more, and look again while some call has an old one."""
    editions = house.editions
    editions.sweeping = False
    gone = editions.forget({opened.call.settings.edition for opened in house.calls.values()})
    editions.tried = {call: tried for call, tried in editions.tried.items() if call in house.calls}
    if editions.has_dead():
        _sweep_soon(house, now)
    return [ToPlane(commands.DropClip(clip)) for clip in gone]


# --- what people see ------------------------------------------------------------------------------------------------
def menus_shown(house: House) -> dict[str, Any]:
    """JSON-ready."""
    editions = house.editions
    at = editions.refused_at
    return {"refused": list(editions.refused), "refused_at": at.isoformat() if at is not None else None,
            "waiting_for_sounds": len(editions.unread) if editions.pending is not None else 0,
            "editions": len(editions.alive), "lines": [_line(number, line) for number, line in editions.lines.items()]}


def _line(number: str, line: LineEditions) -> dict[str, Any]:
    trial, canary = line.trial, line.canary
    return {"line": number, "file": line.path, "version": line.current.menu.version,
            "announcements": line.newest.announcements.version,
            "since": line.since.isoformat() if line.since is not None else None, "returned": line.returned,
            "trial": None if trial is None or canary is None else {
                "version": trial.menu.version, "percent": canary.percent, "new": _tally(canary.new),
                "old": _tally(canary.old)}}


def _tally(tally: Tally) -> dict[str, int]:
    return {"calls": tally.calls, "lost": tally.lost}


ROUTES: dict[type, Any] = {SweepDue: sweep}
