"""The steps of the soak, in the order they run. Each takes minutes and gives its figures, `findings` among them."""

from collections.abc import Callable
from typing import Any

from bench.soak.attack import attack
from bench.soak.changed_bytes import changed_bytes
from bench.soak.cut_chats import cut_chats
from bench.soak.hot_change import hot_change
from bench.soak.long_call import long_call
from bench.soak.media_matrix import media_matrix
from bench.soak.parser_fuzz import parser_fuzz
from bench.soak.queue_search import queue_search
from bench.soak.rewritten import rewritten
from bench.soak.storms import storms
from bench.soak.tones import tones
from bench.soak.workers import workers

STEPS: dict[str, Callable[[float], dict[str, Any]]] = {
    "changed_bytes": changed_bytes,
    "parser_fuzz": parser_fuzz,
    "storms": storms,
    "queue_search": queue_search,
    "rewritten": rewritten,
    "hot_change": hot_change,
    "cut_chats": cut_chats,
    "tones": tones,
    "attack": attack,
    "workers": workers,
    "media_matrix": media_matrix,
    "long_call": long_call,
}
