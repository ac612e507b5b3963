"""The dialogues beside the menus, played to drafts."""

import os
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, Fault
from ivr.drivers.text_files import drafted
from ivr.service.dialogue_runs import Report, as_json, run_file
from ivr.service.workshop.bench import Bench, shown
from ivr.service.workshop.files import files

MOST_LINES = 200         # of a dialogue's story


def run_dialogues(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    """Those of the menu file `menu`, or of all: as `hotline test --json` tells them, stories of failed ones alone;
    `faults` of files that can't be used."""
    drafts, only = arguments["drafts"], arguments.get("menu") or ""
    reports: list[Report] = []
    faults: dict[Fault, None] = {}
    for one in files(bench, drafts):
        if one.kind == "dialogues" and one.exists and only in ("", one.menu, one.file):
            with drafted(drafts, bench.within):
                try:
                    reports.append(run_file(Path(one.file), None, bench.config, Path(bench.config_file)))
                except AdminError as error:
                    faults.update(dict.fromkeys(error.faults))
    told = as_json(reports)
    for file in told["files"]:
        file["file"], file["menu"] = os.path.abspath(file["file"]), os.path.abspath(file["menu"])
        for branch in file["branches"]:
            branch["file"] = os.path.abspath(branch["file"])
        for dialogue in file["dialogues"]:
            dialogue["story"] = [] if dialogue["passed"] else dialogue["story"][:MOST_LINES]
    return {**told, "faults": [shown(fault) | {"file": os.path.abspath(fault.place.file)} for fault in faults]}
