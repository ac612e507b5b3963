"""The message parser under atheris, a fuzzer that follows the branches taken."""

import importlib.util
import subprocess
import sys
from typing import Any

from bench.progress import going_on, say
from bench.soak.messages import messages
from tests.support.service import ROOT

FOLDER = ROOT / "var/soak/parser"
LONGEST = 4096          # bytes of an input: past the length of any message in the corpora but one


def parser_fuzz(minutes: float) -> dict[str, Any]:
    """atheris on the message parser; what it has learnt is kept in var/soak/parser and used by the next run."""
    if importlib.util.find_spec("atheris") is None:
        say("  atheris is not installed: pip install -e '.[soak]' (Linux on x86-64)")
        return {"findings": 0, "skipped": "atheris is not installed"}
    known, crashes = FOLDER / "corpus", FOLDER / "findings"
    for folder in (known, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in messages().items():
        (known / name.replace("/", "-")).write_bytes(data[:LONGEST])
    seconds = int(60 * minutes)
    with going_on("fuzzing", seconds):
        ran = subprocess.run(
            [sys.executable, "-m", "bench.soak.fuzz_target", f"-max_total_time={seconds}", f"-max_len={LONGEST}",
             f"-artifact_prefix={crashes}/", "-print_final_stats=1", str(known)],
            cwd=ROOT, capture_output=True, text=True, check=False)
    (FOLDER / "log.txt").write_text(ran.stderr)
    runs = [line.rpartition(" ")[2] for line in ran.stderr.splitlines() if "number_of_executed_units" in line]
    found = sorted(path.name for path in crashes.iterdir())
    if ran.returncode and not found:
        found = [f"exit {ran.returncode}, see {FOLDER / 'log.txt'}"]
    return {"runs": int(runs[0]) if runs else 0, "inputs_kept": len(list(known.iterdir())), "findings": len(found),
            "which": found}
