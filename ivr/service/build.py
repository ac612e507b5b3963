"""Builds the exchange from what was loaded: the one place where the pure machines meet their settings."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b

from ivr.base.config import Config
from ivr.base.ids import Ids
from ivr.drivers.own_address import EVERY_ADDRESS, OUTSIDE
from ivr.drivers.secrets_file import Secrets
from ivr.drivers.text_files import text_of
from ivr.exchange.all_phones import AllPhones
from ivr.exchange.editions import Editions, MenuChange, first_editions
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.legs import LegTable
from ivr.exchange.outbound import Outbound
from ivr.menu.loader import version_of
from ivr.service.build_trunks import build_trunk
from ivr.service.loading import Loaded, others
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.settings import Account, Credential, EndpointSettings, Listener
from routing.dispatcher import OperatorSettings, QueueSettings, Relaxation, Settings, Status, Tier
from routing.seats import Seats

MIN_HALF_OPEN = 20           # calls of strangers not acknowledged yet, however few calls there may be
TRYING_AFTER = 0.2           # s, the most that RFC 3261 §17.2.1 allows; nearly every call is answered at once
LEGS_PER_CALL = 2            # the caller's, and one more while an operator is rung or talks


def build_exchange(loaded: Loaded, secrets: Secrets, boot_id: str, ids: Ids, to_utc: Callable[[float], datetime],
                   facing: Callable[[str], str], now: float, workers: int = 1) -> Exchange:
    """An exchange without calls; of its planes, `workers`, none is up yet."""
    config = loaded.config
    endpoint = AllPhones(endpoint_settings(config, secrets, facing), ids)
    house = House(config=config, boot_id=boot_id, ids=ids, to_utc=to_utc, endpoint=endpoint,
                  dispatcher=Seats(queue_settings(config), now), editions=editions_of(loaded),
                  legs=LegTable(ids, workers), outbound=Outbound(config.outbound), customers=dict(loaded.customers),
                  hours=loaded.hours, chat_key=blake2b(b"chats", key=secrets.session_key[:64]).digest())
    return Exchange(house)


def editions_of(loaded: Loaded) -> Editions:
    """What the lines begin with."""
    around = tuple(version_of(text_of(path)) for path in others(loaded.config))
    return first_of(loaded.config, MenuChange(loaded.menus, loaded.announcements, loaded.clips, loaded.encoded_clips,
                                              around=around, hours=loaded.hours))


def first_of(config: Config, change: MenuChange) -> Editions:
    """What the lines of a configuration begin with, after these files were read."""
    return first_editions({line.numbers[0]: (str(line.menu), line.canary_percent) for line in config.lines}, change)


def endpoint_settings(config: Config, secrets: Secrets, facing: Callable[[str], str]) -> EndpointSettings:
    return EndpointSettings(
        realm=config.realm,
        listen=tuple(Listener(listen.transport, listen.host, listen.port) for listen in config.sip.listen),
        local_address=_local_address(config, facing),
        facing=own_address(config, facing),
        public_address=config.sip.public_address,
        local_networks=tuple(str(network) for network in config.sip.local_networks),
        accounts=_accounts(config, secrets),
        trunks=tuple(build_trunk(trunk, secrets.trunks) for trunk in config.trunks),
        credentials=tuple(Credential(known.realm, known.user, known.password) for known in secrets.outgoing),
        trying_after=TRYING_AFTER,
        digests=tuple(dict.fromkeys(config.sip.digests)),
        anonymous_calls=config.sip.anonymous_calls,
        session_expires=config.sip.session_expires_s,
        phones_tls=config.sip.phones_tls,
        messages=config.channels.sip.line is not None,
        edges=tuple(map(str, config.sip.edges)),
        gate=gate_settings(config),
        max_calls=LEGS_PER_CALL * config.sip.max_calls + 100,
    )


def gate_settings(config: Config) -> GateSettings:
    sip = config.sip
    return GateSettings(tuple(map(str, sip.allow)), tuple(map(str, sip.deny)), sip.stranger_requests_per_s,
                        sip.put_aside_s, max(MIN_HALF_OPEN, sip.max_calls // 2))


def _local_address(config: Config, facing: Callable[[str], str]) -> str:
    """The address of the first listener, or, where that is every address, the one on the way to the outside."""
    host: str = config.sip.listen[0].host
    return facing(OUTSIDE) if host in EVERY_ADDRESS else host


def own_address(config: Config, facing: Callable[[str], str]) -> Callable[[str], str] | None:
    """Our address for a remote one: that of its family's first listener, or, where that is every address, the one on
    the way there. A remote of a family that nobody listens in is told of the other one."""
    hosts: dict[bool, str] = {}
    for listen in config.sip.listen:
        hosts.setdefault(":" in listen.host, listen.host)
    if len(hosts) == 1 and not set(hosts.values()) & set(EVERY_ADDRESS):
        return None

    def own(remote: str) -> str:
        host = hosts.get(":" in remote) or next(iter(hosts.values()))
        return facing(remote) if host in EVERY_ADDRESS else host

    return own


def _accounts(config: Config, secrets: Secrets) -> Mapping[str, Account]:
    return {name: Account(name, secret.ha1_md5, secret.ha1_sha256) for name, secret in secrets.sip.items()}


def queue_settings(config: Config) -> Settings:
    queues = tuple(QueueSettings(
        name=name, operators=tuple(queue.operators), ring_time=queue.ring_time_s + queue.briefing_s,
        max_wait=queue.max_wait_s,
        max_waiting=queue.max_waiting, announce_first_after=queue.announce_first_after_s,
        announce_every=queue.announce_every_s, retry_after=queue.retry_after_s, empty_grace=queue.empty_grace_s,
        wrap_up=queue.wrap_up.max_s if queue.wrap_up is not None else queue.wrap_up_s,
        wrap_up_until_saved=queue.wrap_up is not None and queue.wrap_up.until_saved,
        strategy=queue.strategy, ring_at_most=queue.ring_at_most, weight=queue.weight,
        operator_weights=tuple(queue.operator_weights.items()),
        tiers=tuple(Tier(tuple(tier.operators), tier.after_s) for tier in queue.tiers),
        skills=tuple(sorted(queue.skills.items())), match_language=queue.match_language,
        relax=tuple(Relaxation(step.after_s, step.levels, step.drop_language) for step in queue.relax),
        sticky=queue.sticky_s) for name, queue in config.queues.items())
    operators = tuple(OperatorSettings(name, Status(operator.status), dict(operator.skills), tuple(operator.languages),
                                       operator.capacity, config.chats_of(name), operator.chats_during_call)
                      for name, operator in config.operators.items())
    return Settings(queues, operators, auto_break_after_missed=config.auto_break_after_missed)
