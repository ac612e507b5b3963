"""Figures for Prometheus: control's snapshot as gauges and counters, and what the web process itself did."""

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

_COUNTER_NAME = re.compile(r"[a-z][a-z0-9_]*")
QUEUE_ENDINGS = ("answered", "abandoned", "overflow", "transferred", "callback", "voicemail", "closed", "failed")
QUEUE_GAUGES = {
    "waiting": ("waiting", "Callers in the queue."),
    "callbacks": ("callbacks", "Who is to be called back and waits in line."),
    "ringing": ("ringing", "Callers for whom an operator's phone rings."),
    "longest_wait": ("longest_wait_seconds", "How long the caller has waited who has waited longest."),
    "operators_in_service": ("operators_in_service", "Operators whom callers may hope for."),
    "operators_idle": ("operators_idle", "Operators who are free now."),
    "chats_waiting": ("chats_waiting", "Of those who wait, who writes."),
    "chats_in_service": ("chats_in_service", "Operators whom who writes may hope for."),
    "chats_idle": ("chats_idle", "Operators who have room for one more chat now."),
    "unaccounted": ("unaccounted", "Callers offered less ended, waiting and to be called back: always 0."),
}
WORKER_GAUGES = {
    "ready": ("up", "Whether this plane answers, of those that share the audio."),
    "streams": ("streams", "Streams that this plane has ports for."),
    "in_use": ("streams_in_use", "Streams in use in this plane."),
}

PLANE_COUNTERS = {
    "turns": "Turns of the media plane.",
    "missed": "Turns that fell out since the one before came too late.",
    "packets_in": "Packets of RTP that came.",
    "packets_out": "Packets of RTP that were sent.",
    "failed": "Packets that the kernel did not take.",
}
WAYS = ("in", "out")
AUDIO: dict[str, tuple[str, dict[str, str]]] = {
    "loss_ratio": ("Part of a leg's packets that was lost; out: as its phone reports.",
                   {way: f"loss_{way}" for way in WAYS}),
    "jitter_seconds": ("Jitter of a leg (RFC 3550); out: as its phone reports.",
                       {way: f"jitter_{way}" for way in WAYS}),
    "mos": ("Estimated opinion of a leg's audio, 1 to 4.5 (ITU-T G.107).", {way: f"mos_{way}" for way in WAYS}),
    "round_trip_seconds": ("Mean round trip to a leg's phone.", {"": "round_trip"}),
}


STREAMS = frozenset(("/api/live",))      # last as long as somebody looks on


class WebMetrics:
    """Counts the web process's own requests, by route and not by path, so that nobody can make up new series."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(namespace="hotline_web", registry=self._registry)
        self._requests = Counter("hotline_web_requests", "Requests answered.", ["method", "route", "status"],
                                 registry=self._registry)
        self._seconds = Histogram("hotline_web_request_seconds", "Time until the answer was complete.", ["route"],
                                  buckets=(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5), registry=self._registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        if route not in STREAMS:
            self._seconds.labels(route).observe(seconds)

    def text(self, snapshot: Mapping[str, Any] | None, differences: int = 0, more: Iterable[Metric] = ()) -> bytes:
        """The page that Prometheus reads; `snapshot` is None while control is away. `differences`: between what control
        wrote and what is in the database; `more`: what else the web process knows."""
        registry = CollectorRegistry()
        registry.register(_Families([*families(snapshot), _accounts(snapshot or {}, differences), *more]))
        return generate_latest(registry) + generate_latest(self._registry)


class _Families:
    """A collector of families that are ready."""

    def __init__(self, ready: list[Metric]) -> None:
        self._ready = ready

    def collect(self) -> Iterable[Metric]:
        return self._ready


def families(snapshot: Mapping[str, Any] | None) -> Iterator[Metric]:
    """Control's snapshot as Prometheus reads it; only `hotline_control_up` while control is away."""
    yield _gauge("control_up", "Whether control answers.", snapshot is not None)
    if snapshot is None:
        return
    node = GaugeMetricFamily("hotline_node", "Always 1; the name of this server.", labels=["node"])
    node.add_metric([str(snapshot.get("node", ""))], 1)
    yield node
    yield _gauge("draining", "Whether new calls are refused since the service is ending.",
                 snapshot.get("state") == "draining")
    yield from _calls(snapshot)
    yield from _queues(snapshot.get("queues", ()))
    yield from _operators(snapshot.get("operators", ()))
    yield from _plane(snapshot.get("plane", {}))
    yield from _database(snapshot.get("database", {}))
    yield from _recordings(snapshot.get("recordings", {}))
    yield from _sip(snapshot.get("sip", {}))
    yield from _trunks(snapshot.get("trunks", ()))
    yield from _phones(snapshot.get("phones", {}))
    for name, value in snapshot.get("counters", {}).items():
        if _COUNTER_NAME.fullmatch(name):
            yield CounterMetricFamily(f"hotline_{name}", f"Counted by control since it started: {name}.", value)


def _accounts(snapshot: Mapping[str, Any], differences: int) -> Metric:
    faults = GaugeMetricFamily("hotline_accounts_faults", "Faults in the accounts of callers, where they were found: "
                               "always 0, or somebody was lost or counted twice.", labels=["where"])
    faults.add_metric(["calls"], len(snapshot.get("accounts", {}).get("faults", ())))
    faults.add_metric(["record"], differences)
    return faults


def _trunks(trunks: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    calls = GaugeMetricFamily("hotline_trunk_calls", "Calls in progress on the trunk.", labels=["trunk"])
    registered = GaugeMetricFamily("hotline_trunk_registered", "Whether the last REGISTER went well.", labels=["trunk"])
    up = GaugeMetricFamily("hotline_trunk_up", "Whether the trunk answers OPTIONS.", labels=["trunk"])
    for trunk in trunks:
        calls.add_metric([trunk["name"]], trunk["calls"])
        if trunk["registration"]:
            registered.add_metric([trunk["name"]], float(trunk["registration"] in ("registered", "refreshing")))
        if trunk["ping"]:
            up.add_metric([trunk["name"]], float(trunk["ping"] in ("up", "failing")))
    yield from (calls, registered, up)


def _phones(phones: Mapping[str, int]) -> Iterator[Metric]:
    registered = GaugeMetricFamily("hotline_phones_registered", "Contacts of phones that are registered.",
                                   labels=["transport"])
    for transport, number in phones.items():
        registered.add_metric([transport], number)
    yield registered


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hotline_{name}", meaning, float(value))


def _calls(snapshot: Mapping[str, Any]) -> Iterator[Metric]:
    calls = snapshot.get("calls", ())
    yield _gauge("calls_in_progress", "Calls in progress.", snapshot.get("calls_in_progress", len(calls)))
    states = GaugeMetricFamily("hotline_calls", "Calls in progress that the snapshot lists, by line and state.",
                               labels=["line", "state"])
    for (line, state), number in Tally((call.get("line", ""), call.get("state", "")) for call in calls).items():
        states.add_metric([line, state], number)
    yield states


def _queues(queues: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    queues = list(queues)
    for key, (name, meaning) in QUEUE_GAUGES.items():
        gauge = GaugeMetricFamily(f"hotline_queue_{name}", meaning, labels=["queue"])
        for queue in queues:
            gauge.add_metric([queue["name"]], float(queue.get(key, 0)))
        yield gauge
    offered = CounterMetricFamily("hotline_queue_offered", "Callers who entered the queue.", labels=["queue"])
    ended = CounterMetricFamily("hotline_queue_ended", "Callers who left the queue, by how.", labels=["queue", "how"])
    for queue in queues:
        offered.add_metric([queue["name"]], queue.get("offered", 0))
        for how in QUEUE_ENDINGS:
            if how in queue:
                ended.add_metric([queue["name"], how], queue[how])
    yield from (offered, ended)


def _operators(operators: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    by_condition = GaugeMetricFamily("hotline_operators", "Operators by the status they set, what they are doing, and "
                                     "whether their phone can be reached.", labels=["status", "state", "reachable"])
    tally = Tally((operator["status"], operator["state"], str(bool(operator.get("reachable"))).lower())
                  for operator in operators)
    for labels, number in tally.items():
        by_condition.add_metric(list(labels), number)
    yield by_condition


def _plane(plane: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("plane_up", "Whether the media plane answers.", bool(plane.get("up")))
    yield _gauge("plane_streams", "Streams that the media plane has ports for.", plane.get("streams", 0))
    yield _gauge("plane_streams_in_use", "Streams in use.", plane.get("in_use", 0))
    for key, (name, meaning) in WORKER_GAUGES.items():
        gauge = GaugeMetricFamily(f"hotline_plane_worker_{name}", meaning, labels=["worker"])
        for worker in plane.get("workers", ()):
            gauge.add_metric([str(worker["worker"])], float(worker[key]))
        yield gauge
    yield from _clocks(plane.get("clocks", ()))
    yield from _audio(plane.get("audio", {}))


def _clocks(clocks: Iterable[Mapping[str, Any]]) -> Iterator[Metric]:
    """How well planes keep their time."""
    clocks = list(clocks)
    late = GaugeMetricFamily("hotline_plane_turn_late_seconds", "By how much turns of a media plane came late in the "
                             "last 5 s.", labels=["worker", "quantile"])
    room = GaugeMetricFamily("hotline_plane_clip_seconds_free", "Room for further prompts.", labels=["worker"])
    for clock in clocks:
        for quantile, key in (("0.5", "late_p50_ms"), ("0.99", "late_p99_ms"), ("1", "late_max_ms")):
            late.add_metric([str(clock["worker"]), quantile], clock[key] / 1000)
        room.add_metric([str(clock["worker"])], clock["clip_seconds_free"])
    yield from (late, room)
    for name, meaning in PLANE_COUNTERS.items():
        counter = CounterMetricFamily(f"hotline_plane_{name}", meaning, labels=["worker"])
        for clock in clocks:
            counter.add_metric([str(clock["worker"])], clock[name])
        yield counter


def _audio(audio: Mapping[str, Mapping[str, Any]]) -> Iterator[Metric]:
    """How the audio of legs that are over was."""
    for name, (meaning, ways) in AUDIO.items():
        family = HistogramMetricFamily(f"hotline_leg_{name}", meaning, labels=["way"] if all(ways) else [])
        for way, key in ways.items():
            histogram = audio.get(key)
            if histogram is not None:
                counts = list(accumulate(histogram["counts"]))
                bounds = [*(str(bound) for bound in histogram["bounds"]), "+Inf"]
                family.add_metric([way] if way else [], list(zip(bounds, counts, strict=True)), histogram["sum"])
        yield family


def _database(database: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("database_away", "Whether control writes to the spool instead of the database.",
                 bool(database.get("away")))
    yield _gauge("spool_full", "Whether new calls are refused since the spool is full.",
                 bool(database.get("spool_full")))
    if "spool_bytes" in database:
        yield _gauge("spool_bytes", "Bytes in the spool.", database["spool_bytes"])


def _recordings(recordings: Mapping[str, Any]) -> Iterator[Metric]:
    yield _gauge("recordings_running", "Recordings in progress.", recordings.get("running", 0))
    yield _gauge("recordings_failing", "Whether the last recording that ended failed.", bool(recordings.get("fault")))


def _sip(counts: Mapping[str, Any]) -> Iterator[Metric]:
    kept = GaugeMetricFamily("hotline_sip", "What the SIP endpoint holds at this moment.", labels=["what"])
    for name, number in counts.items():
        kept.add_metric([name], float(number))
    yield kept
