"""The part of config.yaml about files that people send in chats; how large one may be stands at the channel."""

from typing import Annotated

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import FilePath


class FilesConfig(Section):
    """Where files of chats are kept, and how much all of them may be. What is full takes no more: none goes before its
    time."""

    folder: FilePath | None = None
    """Nobody but the service may read it; without it `files` in `state_dir`."""
    max_gb: Annotated[float, Field(gt=0, le=1_000_000)] = 20.0
    """How much all files of this node may take."""
    min_free_mb: Annotated[int, Field(ge=0, le=10_000_000)] = 1024
    """So much stays free on the disk: with less no file is taken, and chats go on."""
    max_mb_per_chat: Annotated[float, Field(gt=0, le=100_000)] = 100.0
    """How much the files of one chat may take, both ways."""
    max_per_chat: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many files one chat may have, both ways."""
