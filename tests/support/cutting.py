"""A wire that breaks: it stands before a TCP server and cuts connections at random, on either side of what passes."""

import asyncio
import random
import socket
import struct
from contextlib import suppress

CHUNK = 65_536
NO_GOODBYE = struct.pack("ii", 1, 0)        # closing is a reset, and what is on its way is lost


class Cutter:
    """Of the pieces that pass, a `share` is the last of its connection: it still arrives, or it does not. Who comes
    from an address of loopback is seen by the server under that address."""

    def __init__(self, target: tuple[str, int], share: float, chance: random.Random) -> None:
        self._target, self._chance = target, chance
        self.share = share
        self.connections = self.cuts = 0
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int = 0) -> str:
        """Listen; HOST:PORT of it."""
        self._server = await asyncio.start_server(self._accepted, host, port)
        address = self._server.sockets[0].getsockname()
        return f"{address[0]}:{address[1]}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._served):
            task.cancel()
        await asyncio.gather(*self._served, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._served.add(task)
        self.connections += 1
        try:
            source = writer.get_extra_info("peername")[0]
            inner, outer = await asyncio.open_connection(*self._target, local_addr=(source, 0))
        except OSError:
            writer.transport.abort()        # nobody listens there now
            self._served.discard(task)
            return
        ends = (writer, outer)
        pumps = [asyncio.create_task(self._pump(*way, ends)) for way in ((reader, outer), (inner, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in ends:
                end.close()
            self._served.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter,
                    ends: tuple[asyncio.StreamWriter, ...]) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                cut = self._chance.random() < self.share
                if not cut or self._chance.random() < 0.5:
                    writer.write(piece)
                    await writer.drain()
                if cut:
                    self.cuts += 1
                    for end in ends:
                        _reset(end)
                    return


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_GOODBYE)
    writer.transport.abort()
