"""Pages of one visitor, without a service: in which order each is told what, whatever comes between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.chat.chats import HIDDEN, ChatPage, Chats, fingerprint
from desk.chat.protocol import Hello, Say
from ivr.base.config import Config
from ivr.call.record import Batch, MessageRow
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.repository import Repository
from tests.desk.desk_rig import visit
from tests.desk.records import record_of

CALL, LATER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
TOKEN = "t" * 24
WRITER = f"web/{fingerprint(TOKEN)}"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
