"""The cookies of a session and of a browser that was logged in before: their names, by how the browser came."""

from starlette.requests import HTTPConnection

COOKIE = "hotline_session"
SECURE_COOKIE = f"__Host-{COOKIE}"      # browsers take this name only over https, for this host alone (RFC 6265bis)
COOKIES = (COOKIE, SECURE_COOKIE)
DEVICE_COOKIE = "hotline_device"


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the browser came over TLS; behind a proxy its word counts (`web.behind_proxy`)."""
    return connection.scope["scheme"] in ("https", "wss")      # its `url` would fail on a Host that is none


def cookie_name(connection: HTTPConnection) -> str:
    """Over https the name that no other host and no plain connection can set."""
    return SECURE_COOKIE if is_secure(connection) else COOKIE


def device_cookie_name(connection: HTTPConnection) -> str:
    """Of the cookie that outlives sessions and opens nothing (`devices`)."""
    return f"__Host-{DEVICE_COOKIE}" if is_secure(connection) else DEVICE_COOKIE
