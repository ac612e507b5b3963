"""Reads the file of topics that config.yaml names, and holds its queues against those that are there."""

from collections.abc import Iterator
from pathlib import Path

from ivr.base.config import Config
from ivr.base.config_checks import did_you_mean
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.topics import Topics, load_topics
from ivr.drivers.text_files import text_of


def read_topics(config: Config) -> Topics:
    """The topics; none where no file is named. Raises AdminError with every fault."""
    if config.topics is None:
        return Topics()
    topics = load_topics(text_of(config.topics), config.topics)
    if faults := list(_unknown(config, topics)):
        raise AdminError(faults)
    return topics


def faulty_topics(config: Config) -> list[Fault]:
    """What is wrong with the file, for the check."""
    try:
        read_topics(config)
    except AdminError as error:
        return error.faults
    return []


def _unknown(config: Config, topics: Topics) -> Iterator[Fault]:
    for queue in topics.fields:
        if queue not in config.queues:
            yield Fault(Place(str(config.topics)), f"`fields` names a queue `{queue}` that there is not",
                        did_you_mean(queue, config.queues), code="field-queue-unknown")


def field_names(config: Config) -> frozenset[str] | None:
    """What menus may fill in, of whatever queue; None where the file is faulty, or none is named."""
    try:
        return frozenset(each.name for fields in read_topics(config).fields.values()
                         for each in fields) if config.topics is not None else None
    except AdminError:
        return None


class TopicsFile:
    """The topics as they are now: read again when the file changed; a faulty one changes nothing."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._read_at: tuple[int, int] | None = None
        self._topics = Topics()
        self.faults: tuple[str, ...] = ()

    def now(self) -> Topics:
        """Blocks for as long as reading a small file takes."""
        looks = self._looks()
        if looks != self._read_at:
            self._read_at = looks
            try:
                self._topics, self.faults = read_topics(self._config), ()
            except AdminError as error:
                self.faults = tuple(str(fault) for fault in error.faults)
        return self._topics

    def _looks(self) -> tuple[int, int] | None:
        try:
            state = Path(self._config.topics or "").stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size
