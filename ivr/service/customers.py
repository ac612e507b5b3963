"""Files of customers while the service runs: read again when they change."""

import asyncio
from typing import TYPE_CHECKING, Protocol

from ivr.base.access_checks import callers_of
from ivr.base.config import Config
from ivr.base.customers import Customers
from ivr.base.errors import AdminError, Fault
from ivr.drivers.customer_files import CustomerFiles
from ivr.drivers.log import Log

if TYPE_CHECKING:       # reading the files needs none of it
    from ivr.exchange.exchange import Exchange

log = Log("control")


class Holder(Protocol):
    """What has an exchange and its configuration: control."""

    exchange: "Exchange"
    config: Config


def customer_files(config: Config) -> list[str]:
    """Every file of customers that a line or a group names."""
    return sorted({str(callers.file) for _, callers in callers_of(config) if callers.file})


def watch_customers(control: Holder) -> "asyncio.Task[None]":
    """Look after the files until the loop ends; keep the task."""

    def changed(path: str, customers: Customers, faults: list[Fault]) -> None:
        control.exchange.customers_read(path, customers)
        for fault in faults:
            log.warning("customers_line_faulty", fault=str(fault))
        log.info("customers_read", file=path, count=len(customers))

    def lost(error: AdminError) -> None:
        for fault in error.faults:
            log.error("customers_unreadable", fault=str(fault))

    files = CustomerFiles(customer_files(control.config), control.config.country, changed, lost)
    return asyncio.get_running_loop().create_task(files.watch())
