"""Prompts as the media plane plays them: prepared once, and not by every service that a test starts.

Entries are named by what they came from; the folder, by the code that makes them: with a change of it all are new.
"""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MAKERS = ("ivr/audio/*.py", "ivr/drivers/clip_*.py", "ivr/drivers/prompt_files.py")


def prompt_cache() -> Path:
    """The folder that services share; it is there."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in MAKERS for file in ROOT.glob(pattern)):
        digest.update(file.read_bytes())
    folder = ROOT / f".pytest_cache/clips-{digest.hexdigest()[:16]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def share_prompts(state: Path) -> None:
    """Let a service with this `state_dir` use them."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (state / "clips").is_symlink():
        (state / "clips").symlink_to(prompt_cache())
