"""Passwords: given by the admin in a file or an environment variable, or made here; and what is kept of them."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"    # nothing that is misread on paper or hard to type on a telephone
MADE_LENGTH = 16        # 79 bits: an HA1 in MD5 that leaks can't be searched
MIN_LENGTH = 8
MAX_LENGTH = 256        # argon2 takes any length; who sends a megabyte is no human

# OWASP's smallest setting: 20 ms and 19 MiB for each login.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def make_password() -> str:
    """A new password that nobody chose."""
    return "".join(secrets.choice(ALPHABET) for _ in range(MADE_LENGTH))


def ha1(name: str, realm: str, password: str, algorithm: str) -> str:
    """H(name:realm:password) in hex, by `md5` or `sha256` (RFC 7616 §3.4.2)."""
    return hashlib.new(algorithm, f"{name}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()


def verify(hashed: str, password: str) -> bool:
    """Whether `password` is the one behind an argon2 hash; False for what is no hash, or can't be a password."""
    try:
        return HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):     # the last: a letter in a hash, half a sign
        return False


def given_password(section: Any, key: str, environment: Mapping[str, str], shortest: int = MIN_LENGTH) -> str | None:
    """The password that `<key>_file` or `<key>_env` of a section of the configuration gives, or None.

    Raises AdminError, which never shows the password, where it can't be read or used.
    """
    file: str | None = getattr(section, f"{key}_file")
    variable: str | None = getattr(section, f"{key}_env")
    if file is not None:
        return _usable(_read(Path(file)), Place(file), shortest)
    if variable is not None:
        if variable not in environment:
            raise AdminError([Fault(Place("environment"), f"{variable} is not set",
                                    f"the configuration takes a {key} from it")])
        return _usable(environment[variable], Place(f"environment variable {variable}"), shortest)
    return None


def database_url(config: Config, environment: Mapping[str, str]) -> str:
    """The database's URL with its password, if one is given. Never to be logged. Raises AdminError."""
    password = given_password(config.database, "password", environment, shortest=1)
    if password is None:
        return config.database.url
    scheme, _, rest = config.database.url.partition("://")
    credentials, at, host = rest.rpartition("@")
    user = credentials.partition(":")[0]
    if not at or not user:
        raise AdminError([Fault(Place("database.url"), "a password is given, but no user", "postgresql://user@host/name")])
    return f"{scheme}://{user}:{quote(password, safe='')}@{host}"


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_LENGTH + 2).rstrip("\r\n")
    except OSError as error:
        raise AdminError([Fault(Place(str(path)), f"the password can't be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise AdminError([Fault(Place(str(path)), "the password is not UTF-8 text")]) from None


def _usable(password: str, place: Place, shortest: int) -> str:
    if len(password) < shortest:
        raise AdminError([Fault(place, "the password is too short", f"at least {shortest} characters")])
    if len(password) > MAX_LENGTH:
        raise AdminError([Fault(place, "the password is too long", f"at most {MAX_LENGTH} characters")])
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        raise AdminError([Fault(place, "the password holds a line break or another control character",
                                "one line of text")])
    return password
