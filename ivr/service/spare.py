"""What a spare has ready when it is told to take over, and keeps ready while it waits: hours, or months.

Menus, prompts and files of customers change meanwhile, and control takes them up. So does a spare, a little later; what
changed in its last moments is left to the looks of the control that it becomes. Configuration stays as it was read.
"""

import contextlib
import os
import select
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.base.config import Config
from ivr.base.customers import Customers
from ivr.base.errors import AdminError
from ivr.base.looks import Looks
from ivr.drivers.customer_files import read_customers
from ivr.drivers.menu_files import Stamp, stamps
from ivr.drivers.secrets_file import Secrets, open_secrets
from ivr.service.customers import customer_files
from ivr.service.loading import Loaded, load_house
from ivr.service.menu_watch import watched
from ivr.service.start import gently

LOOK_EVERY = 5.0        # s; a change counts at the second look that sees it

Seen = Mapping[str, Stamp | None]


@dataclass(frozen=True)
class Brought:
    """`menus`: how the files of `loaded` stood when they were read; `customers`: those of customers."""

    loaded: Loaded
    secrets: Secrets
    menus: Seen
    customers: Seen


def bring(config_file: str) -> Brought:
    """Read everything that can be read before. Raises AdminError for what an admin must mend."""
    loaded = load_house(config_file)
    config = loaded.config
    return Brought(loaded, open_secrets(config).secrets, menus_seen(config), customers_seen(config))


def menus_seen(config: Config) -> Seen:
    return stamps(watched(config), str(config.prompts.folder))


def customers_seen(config: Config) -> Seen:
    return stamps(customer_files(config), "")


def wait(heir: int, brought: Brought, config_file: str) -> Brought | None:
    """Until this is told to take over: what is ready by then; None when nobody will say so any more.

    `heir`: the pipe on which it is told; closed behind it.
    """
    config = brought.loaded.config
    looks: Looks[tuple[Seen, Seen]] = Looks((brought.menus, brought.customers))
    try:
        while not select.select([heir], [], [], LOOK_EVERY)[0]:
            if looks.see((menus_seen(config), customers_seen(config))):
                with contextlib.suppress(AdminError):       # control says so, and goes on with what it has
                    brought = _again(brought, config_file)
        return _up_to_date(brought) if os.read(heir, 1) else None
    finally:
        os.close(heir)


def _again(brought: Brought, config_file: str) -> Brought:
    """Raises AdminError."""
    seen = menus_seen(brought.loaded.config)
    loaded = gently(lambda: load_house(config_file, running=brought.loaded))
    return _up_to_date(replace(brought, loaded=loaded, menus=seen))


def _up_to_date(brought: Brought) -> Brought:
    """In files of customers: who looks after them goes by their next change."""
    config = brought.loaded.config
    seen = customers_seen(config)
    if seen == brought.customers:
        return brought
    try:
        loaded = replace(brought.loaded, customers=_customers(config))
    except AdminError:
        return brought
    return replace(brought, loaded=loaded, customers=seen)


def _customers(config: Config) -> dict[str, Customers]:
    return {path: read_customers(path, config.country)[0] for path in customer_files(config)}
