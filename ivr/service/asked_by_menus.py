"""What menus ask of the world, and what is told them of it: other systems, registers of PINs, orders to be kept."""

import time
from collections.abc import Coroutine
from typing import Any, Protocol

from ivr.base.config import Config
from ivr.drivers.http_look_ups import HttpLookUps
from ivr.drivers.log import Log
from ivr.drivers.pin_registers import PinRegisters
from ivr.drivers.state_files import StateFiles
from ivr.exchange.effects import OrdersKept, ToOtherSystem, ToPinRegister
from ivr.exchange.exchange import Exchange

Asked = ToOtherSystem | ToPinRegister | OrdersKept

log = Log("control")


class Holder(Protocol):
    """What has an exchange and carries out what it wants: control."""

    exchange: Exchange
    state_files: StateFiles

    def carry_out(self, effects: list[Any], now: float) -> None: ...


class AskedByMenus:
    """Answers come in turns of their own, when they come."""

    def __init__(self, control: Holder, config: Config) -> None:
        self._control = control
        self._other_systems = HttpLookUps(config.look_ups)
        self._pins = PinRegisters({name: str(register.file) for name, register in config.pins.items()})

    def ask(self, asked: Asked) -> Coroutine[Any, Any, None]:
        """To be run as a task."""
        match asked:
            case ToOtherSystem():
                return self._other_system(asked)
            case ToPinRegister():
                return self._register(asked)
            case OrdersKept():
                # Written in this turn, as what is asked over the API is: two threads would write the same file.
                return self._ordered(asked, kept=self._control.state_files.save_orders(asked.orders))

    async def close(self) -> None:
        self._pins.close()
        await self._other_systems.close()

    async def _other_system(self, asked: ToOtherSystem) -> None:
        answer = await self._other_systems.ask(asked.request)
        now = time.monotonic()
        self._control.carry_out(
            self._control.exchange.answered(asked.call, asked.number, answer.json, answer.reason, now), now)

    async def _register(self, asked: ToPinRegister) -> None:
        verdict = await self._pins.verify(asked.register, asked.customer, asked.pin)
        now = time.monotonic()
        self._control.carry_out(
            self._control.exchange.verified(asked.call, asked.number, verdict.name, verdict.reason, now), now)

    async def _ordered(self, asked: OrdersKept, *, kept: bool) -> None:
        """They hold in any case: a full disk must not leave a line open."""
        if not kept:
            log.error("line_orders_not_kept", call=asked.call, reason="they hold, but a restart would forget them")
        now = time.monotonic()
        self._control.carry_out(self._control.exchange.answered(asked.call, asked.number, asked.by, "", now), now)
