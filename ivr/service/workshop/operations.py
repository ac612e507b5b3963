"""What the workshop can be asked for: one function per operation. `drafts`: texts by the path of their file."""

from collections.abc import Callable, Mapping
from typing import Any

from ivr.service.workshop.bench import Bench
from ivr.service.workshop.checking import check
from ivr.service.workshop.comparing import compare
from ivr.service.workshop.drawing import graph
from ivr.service.workshop.files import list_files
from ivr.service.workshop.testing import run_dialogues
from ivr.service.workshop.walking import walk

OPERATIONS: Mapping[str, Callable[[Bench, dict[str, Any]], dict[str, Any]]] = {
    "files": list_files,
    "check": check,
    "graph": graph,
    "test": run_dialogues,
    "walk": walk,
    "compare": compare,
}
