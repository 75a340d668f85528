"""A gate in front of a server: a line that a test may cut, let stall, or have answered by somebody else."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Gate:
    """Listens on a port of its own and passes everything to ``target_port``, both on loopback, until told otherwise.

    Raises:
        OSError: on entering, when no port can be had.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self.port = 0
        self._passes = asyncio.Event()
        self._passes.set()
        self._answer: bytes | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where an HTTP server behind it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def passes(self) -> bool:
        """Whether it passes everything on at the moment."""
        return self._server is not None and self._passes.is_set() and self._answer is None

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    async def stall(self) -> None:
        """Nothing passes in either direction, and nobody is told: connections stay, and new ones are taken."""
        self._passes.clear()

    async def cut(self) -> None:
        """Connections are reset, and new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._reset()

    async def answer(self, block: bytes) -> None:
        """Whoever connects and asks gets ``block``, whatever the question, and a closed connection."""
        self._answer = block
        self._reset()

    async def mend(self) -> None:
        """Everything passes again; what stalled goes on."""
        self._answer = None
        self._passes.set()
        if self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _reset(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        answer: bytes | None = None
        try:
            with suppress(OSError):
                await self._passes.wait()
                # It may be mended while the question still comes.
                if (answer := self._answer) is None:
                    await self._pass(reader, writer)
                else:
                    await reader.read(65_536)
                    writer.write(answer)
                    await writer.drain()
        finally:
            self._open.discard(writer)
            writer.transport.abort() if answer is None else writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
        ways = [asyncio.create_task(self._pump(reader, back)), asyncio.create_task(self._pump(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            back.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(65_536):
                await self._passes.wait()
                writer.write(block)
                await writer.drain()
