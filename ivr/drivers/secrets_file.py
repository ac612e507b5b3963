"""Secrets of the service, made at the first start and read at every later one.

    state_dir/secrets.json         what is kept: HA1 of SIP accounts, argon2 of web logins, keys            0600
    state_dir/api-token            the token of programs that use the web API; whoever has it is admin      0600
    state_dir/first-passwords.txt  passwords that were made, in plain text, until they are handed out       0600

An account that is new in the configuration gets a password, one that is gone is forgotten; a new realm makes new SIP
passwords, since HA1 contains it. A password given by the configuration wins and is kept nowhere.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.roles import Role
from ivr.drivers import first_passwords
from ivr.drivers.channel_secrets import channel_secrets
from ivr.drivers.first_passwords import FirstPassword
from ivr.drivers.passwords import HASHER, given_password, ha1, make_password, verify
from ivr.drivers.private_files import make_private_folder, read_private, write_private

ADMIN = "admin"
FORMAT, TOKEN_LENGTH = 2, 20    # of secrets.json, the newest; a token that an admin writes is not shorter


@dataclass(frozen=True)
class SipSecret:
    """What digest authentication needs of one account, in the realm of the configuration."""

    ha1_md5: str = field(repr=False)
    ha1_sha256: str = field(repr=False)


@dataclass(frozen=True)
class WebLogin:
    """One login of the web API. `proof` changes when the password does; sessions hang on it."""

    name: str
    role: Role
    argon2: str | None = field(repr=False)  # None where the configuration gives the password
    given: str | None = field(repr=False)
    one_time_until: float | None = None     # s since the epoch; it was made for them, and must be changed by then

    def accepts(self, password: str) -> bool:
        """Whether this is the password; both ways take the time of one argon2 hash."""
        if self.given is None:
            return verify(self.argon2 or "", password)
        accept_nobody(password)
        return secrets.compare_digest(self.given.encode(), password.encode())

    @property
    def proof(self) -> str:
        """A fingerprint of what the password is checked against. It goes into signatures and nowhere else."""
        return hashlib.sha256((self.argon2 or f"given:{self.given}").encode()).hexdigest()


@dataclass(frozen=True)
class OutgoingCredential:
    """What we answer a 401 or 407 with."""

    realm: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Secrets:
    """Everything secret that the processes need, except the password of the database."""

    realm: str
    digest_key: bytes = field(repr=False)       # HMAC of SIP nonces
    session_key: bytes = field(repr=False)      # HMAC of web sessions
    api_token: str = field(repr=False)
    sip: Mapping[str, SipSecret] = field(repr=False)        # operators and accounts by name
    web: Mapping[str, WebLogin] = field(repr=False)
    outgoing: tuple[OutgoingCredential, ...] = field(repr=False)
    trunks: Mapping[str, str] = field(repr=False, default_factory=dict)     # passwords of our registrations, by trunk
    channels: Mapping[str, str] = field(repr=False, default_factory=dict)   # of `channel_secrets`


@dataclass(frozen=True)
class Opened:
    """The secrets, and what was made just now: who must be told a password, and the file that has it."""

    secrets: Secrets
    made: tuple[FirstPassword, ...]
    passwords_file: Path


class AnotherPassword(Exception):
    """Somebody else changed it meanwhile; theirs stays."""


class _Sip(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ha1_md5: str
    ha1_sha256: str


class _Kept(BaseModel):
    """The text of secrets.json."""

    model_config = ConfigDict(extra="forbid")
    format: Literal[1, 2] = 1
    realm: str
    digest_key: str
    session_key: str
    sip: dict[str, _Sip] = {}
    web: dict[str, str] = {}
    one_time: dict[str, float] = {}     # since format 2: whose password an admin made, and until when it holds

    def text(self) -> str:
        """Of the file. An older hotline reads it as long as it says nothing that one does not know."""
        self.format = 2 if self.one_time else 1
        return self.model_dump_json(indent=2, exclude=set() if self.one_time else {"one_time"}) + "\n"


def accept_nobody(password: str) -> bool:
    """False, after the time of a check: an unknown login is refused as slowly as a wrong password."""
    return verify(_nobody(), password)


def open_secrets(config: Config, environment: Mapping[str, str] = os.environ) -> Opened:
    """Read the secrets; make those that are lacking. Processes that start together take turns. Raises AdminError."""
    folder = Path(config.state_dir)
    make_private_folder(folder)
    with _locked(folder):
        path = folder / "secrets.json"
        before = read_private(path)
        kept = _read(before, path, config.realm)
        made = [*_renew_sip(kept, config), *_renew_web(kept, config)]
        passwords_file = folder / "first-passwords.txt"
        text = kept.text()
        if text != before:
            # The passwords first: after a crash between the two they are made again, and no account is left without.
            first_passwords.update(passwords_file, made, _owners(kept))
            write_private(path, text)
        token = _token(folder / "api-token")
        return Opened(_secrets(kept, config, token, environment), tuple(made), passwords_file)


def first_password(config: Config, account: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The plain password of a SIP account, while it is given by the configuration or still in first-passwords.txt."""
    given = given_password(config.accounts[account], "password", environment)
    if given is not None:
        return given
    found = first_passwords.read(Path(config.state_dir) / "first-passwords.txt")
    return next((one.password for one in found if (one.owner, one.use) == (account, "phone")), None)


def change_web_password(config: Config, name: str, password: str, until: float | None = None,
                        before: str | None = None) -> WebLogin:
    """Keep a password that somebody chose, in place of the one before. `until` (s since the epoch): it was made for
    them, and they must change it by then. `before`: the argon2 of the only one that it may replace. Returns the login
    with it. Raises AdminError, AnotherPassword, and KeyError where the configuration gives the password, or there is no
    such login."""
    folder = Path(config.state_dir)
    with _locked(folder):
        path = folder / "secrets.json"
        kept = _read(read_private(path), path, config.realm)
        if name not in kept.web:
            raise KeyError(name)
        if before not in (None, kept.web[name]):
            raise AnotherPassword(name)
        kept.web[name] = HASHER.hash(password)
        kept.one_time.pop(name, None)
        if until is not None:
            kept.one_time[name] = until
        write_private(path, kept.text())
        # Afterwards: after a crash between the two a line is left that opens nothing any more.
        first_passwords.update(folder / "first-passwords.txt", (), _owners(kept) - {(name, "web")})
        return WebLogin(name, _role(config, name), kept.web[name], None, until)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(text: str | None, path: Path, realm: str) -> _Kept:
    """What is kept, or its beginning; without SIP accounts where the realm is another now."""
    if text is None:
        return _Kept(realm=realm, digest_key=secrets.token_hex(32), session_key=secrets.token_hex(32))
    try:
        kept = _Kept.model_validate_json(text)
        bytes.fromhex(kept.digest_key + kept.session_key)
    except (ValidationError, ValueError):
        if _format(text) > FORMAT:
            raise AdminError([Fault(Place(str(path)), "a newer hotline wrote this file", "run that version, or give "
                                    "this one a `state_dir` of its own")]) from None
        raise AdminError([Fault(Place(str(path)), "the file is damaged", "put back a copy, or delete it: every "
                                "password that was made is then made anew")]) from None
    return kept if kept.realm == realm else kept.model_copy(update={"realm": realm, "sip": {}})


def _format(text: str) -> int:
    """The number of the file's format; 0 where it tells none."""
    try:
        return int(json.loads(text)["format"])
    except (ValueError, TypeError, KeyError):
        return 0


def _renew_sip(kept: _Kept, config: Config) -> list[FirstPassword]:
    """Bring the SIP accounts up to date in place; what was made."""
    wanted = [name for name, one in config.operators.items() if not _is_given(one, "phone_password")]
    wanted += [name for name, account in config.accounts.items() if not _is_given(account, "password")]
    kept.sip = {name: one for name, one in kept.sip.items() if name in wanted}
    made = [FirstPassword(name, "phone", make_password()) for name in wanted if name not in kept.sip]
    for new in made:
        kept.sip[new.owner] = _Sip(ha1_md5=ha1(new.owner, kept.realm, new.password, "md5"),
                                   ha1_sha256=ha1(new.owner, kept.realm, new.password, "sha256"))
    return made


def _renew_web(kept: _Kept, config: Config) -> list[FirstPassword]:
    """Bring the web logins up to date in place; what was made."""
    wanted = [] if _is_given(config.web, "admin_password") else [ADMIN]
    wanted += [name for name, one in config.operators.items() if not _is_given(one, "web_password")]
    wanted += [name for name, one in config.web.people.items() if not _is_given(one, "password")]
    kept.web = {name: hashed for name, hashed in kept.web.items() if name in wanted}
    kept.one_time = {name: until for name, until in kept.one_time.items() if name in kept.web}
    made = [FirstPassword(name, "web", make_password()) for name in wanted if name not in kept.web]
    for new in made:
        kept.web[new.owner] = HASHER.hash(new.password)
    return made


def _is_given(section: BaseModel, key: str) -> bool:
    return getattr(section, f"{key}_file") is not None or getattr(section, f"{key}_env") is not None


def _owners(kept: _Kept) -> set[tuple[str, str]]:
    return {(name, "phone") for name in kept.sip} | {(name, "web") for name in kept.web}


def _token(path: Path) -> str:
    text = read_private(path)
    if text is None:
        text = secrets.token_urlsafe(32)
        write_private(path, text + "\n")
    token = text.strip()
    if len(token) < TOKEN_LENGTH or not token.isascii() or any(letter.isspace() for letter in token):
        raise AdminError([Fault(Place(str(path)), "this is no token", f"one word of {TOKEN_LENGTH} characters or more; "
                                "or delete the file: a new one is made")])
    return token


def _secrets(kept: _Kept, config: Config, token: str, environment: Mapping[str, str]) -> Secrets:
    outgoing = tuple(OutgoingCredential(one.realm, one.user, given_password(one, "password", environment, 1) or "")
                     for one in config.credentials)
    return Secrets(config.realm, bytes.fromhex(kept.digest_key), bytes.fromhex(kept.session_key), token,
                   _sip_secrets(kept, config, environment), _web_logins(kept, config, environment), outgoing,
                   {trunk.name: given_password(trunk.registration, "password", environment, 1) or ""
                    for trunk in config.trunks if trunk.registration is not None}, channel_secrets(config, environment))


def _sip_secrets(kept: _Kept, config: Config, environment: Mapping[str, str]) -> dict[str, SipSecret]:
    phones = [(name, given_password(one, "phone_password", environment)) for name, one in config.operators.items()]
    phones += [(name, given_password(one, "password", environment)) for name, one in config.accounts.items()]
    given = {name: SipSecret(ha1(name, config.realm, password, "md5"), ha1(name, config.realm, password, "sha256"))
             for name, password in phones if password is not None}
    return {name: SipSecret(one.ha1_md5, one.ha1_sha256) for name, one in kept.sip.items()} | given


def _web_logins(kept: _Kept, config: Config, environment: Mapping[str, str]) -> dict[str, WebLogin]:
    given = {name: given_password(one, "web_password", environment) for name, one in config.operators.items()}
    given |= {name: given_password(one, "password", environment) for name, one in config.web.people.items()}
    given[ADMIN] = given_password(config.web, "admin_password", environment)
    return {name: WebLogin(name, _role(config, name), kept.web.get(name), password, kept.one_time.get(name))
            for name, password in given.items()}


def _role(config: Config, name: str) -> Role:
    if name == ADMIN:
        return "admin"
    return config.web.people[name].role if name in config.web.people else config.operators[name].role


@cache
def _nobody() -> str:
    """A hash that no password fits."""
    return HASHER.hash(secrets.token_urlsafe(16))
