"""Questions of menus to other systems, by HTTP. Whatever happens, an answer or a reason comes, within the bounds."""

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx

from ivr.base.config_look_ups import LookUpsConfig
from ivr.drivers.host_names import HostNames, NotFound
from ivr.drivers.json_answers import NotTaken, read_answer
from ivr.drivers.log import Log
from ivr.drivers.token_files import TokenFiles
from ivr.menu.requests import Request

READERS = 2             # threads that read answers and tokens
IN_SIX = [ip_network("64:ff9b::/96"), ip_network("::/96")]     # IPv4 in the last 32 bits (RFC 6052, RFC 4291)
LOCAL = [ip_network("fec0::/10"), ip_network("64:ff9b:1::/48")]       # which some versions of Python take for global
SAFE = frozenset(["GET"])      # only such a question may be asked again when it may have arrived

log = Log("look_ups")


@dataclass(frozen=True)
class Answer:
    """What JSON said, or why there is none: a fixed word, never what the other system wrote."""

    json: Any = None
    reason: str = ""


class Refused(Exception):
    """There is no answer, for this reason; `again`: another attempt may have one."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class HttpLookUps:
    """Asks with one client for each host. `ask` never raises."""

    def __init__(self, config: LookUpsConfig, tls: ssl.SSLContext | None = None,
                 names: HostNames | None = None) -> None:
        self.config = config
        self._private = [ip_network(network) for network in config.private]
        self._under_way = 0
        self._tls = tls
        self._names = names or HostNames()
        # Threads of their own: those of the loop may all have files to write.
        self._readers = ThreadPoolExecutor(READERS, "look-ups")
        self._tokens = TokenFiles(self._readers)
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def ask(self, request: Request) -> Answer:
        """The answer to one question, after so many attempts as it allows."""
        if self._under_way >= self.config.max_at_once:
            return self._no_answer(request, "too many questions at once")
        self._under_way += 1
        self._http(request.host)    # made outside the time of the first attempt: reading certificates takes a while
        try:
            return await self._attempts(request)
        except Refused as refused:
            return self._no_answer(request, refused.reason)
        finally:
            self._under_way -= 1

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def _attempts(self, request: Request) -> Answer:
        for left in range(request.retries, -1, -1):
            try:
                async with asyncio.timeout(request.timeout):
                    return Answer(await self._once(request))
            except TimeoutError:
                failure = Refused("no answer in time", again=request.method in SAFE)
            except httpx.ConnectError:
                failure = Refused("no connection", again=True)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, UnicodeError):
                failure = Refused("the connection broke", again=request.method in SAFE)
            except Refused as refused:
                failure = refused
            if not failure.again or not left:
                raise failure
        raise AssertionError("there is one attempt at least")

    async def _once(self, request: Request) -> Any:
        """Its addresses one after the other, until one takes the connection."""
        url = httpx.URL(request.url)
        *others, last = await self._addresses(url)
        for address in others:
            try:
                return await self._asked(request, url, address)
            except httpx.ConnectError:
                continue
        return await self._asked(request, url, last)

    async def _asked(self, request: Request, url: httpx.URL, address: str) -> Any:
        headers = {**dict(request.headers), "Host": url.netloc.decode(), "Accept": "application/json",
                   "Accept-Encoding": "identity", **await self._authorization(url)}
        # Asked is the very address that was looked at: a name could lead elsewhere a moment later.
        sent = self._http(url.host).build_request(request.method, url.copy_with(host=address), headers=headers,
                                          json=request.body, timeout=request.timeout,
                                          extensions={"sni_hostname": url.host})
        response = await self._http(url.host).send(sent, stream=True)
        try:
            if response.status_code // 100 != 2:
                raise Refused(f"status {response.status_code}",
                              again=response.status_code >= 500 and request.method in SAFE)
            return await self._read(await self._body(response))
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response) -> bytes:
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self.config.max_answer_kb * 1024:
                raise Refused("the answer is too large")
        return body

    async def _read(self, body: bytes) -> Any:
        """In a thread: a long answer would keep all calls waiting."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, read_answer, body)
        except NotTaken as error:
            raise Refused(str(error)) from None

    async def _addresses(self, url: httpx.URL) -> list[str]:
        """The host's addresses, one at least; all of them must be allowed."""
        try:
            addresses = await self._names.addresses(url.host)
        except NotFound as error:
            raise Refused(str(error), again=True) from None
        if not all(map(self._allowed, addresses)):
            raise Refused("its address is not public, and not in look_ups.private")
        return addresses

    def _allowed(self, text: str) -> bool:
        address = _of_four(ip_address(text.partition("%")[0]))
        is_local = address.is_multicast or any(address in network for network in LOCAL)
        return (address.is_global and not is_local) or any(
            address.version == network.version and address in network for network in self._private)

    async def _authorization(self, url: httpx.URL) -> Mapping[str, str]:
        file = self.config.token_files.get(url.host)
        if file is None:
            return {}
        if url.scheme != "https":
            raise Refused("its token goes by https alone")
        token = await self._tokens.token(file)
        if token is None:
            raise Refused("its token can't be read")
        return {"Authorization": f"Bearer {token}"}

    def _http(self, host: str) -> httpx.AsyncClient:
        """Connections are kept by address: one that was proven to be of a host must not carry questions to another.
        Without cookies: what a host remembers of one caller is nothing for the next."""
        if host not in self._clients:
            self._tls = self._tls or ssl.create_default_context()
            limits = httpx.Limits(max_connections=self.config.max_at_once, max_keepalive_connections=20)
            self._clients[host] = httpx.AsyncClient(
                verify=self._tls, limits=limits, trust_env=False, follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))
        return self._clients[host]

    def _no_answer(self, request: Request, reason: str) -> Answer:
        log.warning("look_up_failed", host=request.host, reason=reason)
        return Answer(reason=reason)


def _of_four(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address of IPv4 that one of IPv6 stands for: a gateway would lead there."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in IN_SIX) and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
