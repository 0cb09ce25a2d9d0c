"""A client that costs next to nothing, so that the gateway is what is measured."""

import asyncio
import time
from collections.abc import Iterable


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """Return a whole keep-alive request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> "Connection":
        """Connect to a port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, message: bytes) -> tuple[int, bytes]:
        """Send a request and return status and body."""
        self._writer.write(message)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def throughput(port: int, messages: list[bytes], connections: int) -> float:
    """Return requests per second with every connection busy all the time."""
    waiting = iter(messages)

    async def work() -> None:
        connection = await Connection.to(port)
        for message in waiting:
            status, _ = await connection.ask(message)
            if status != 200:  # noqa: PLR2004 - the only good answer
                raise RuntimeError(f"HTTP {status}")
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return len(messages) / (time.perf_counter() - started)


async def paced(port: int, messages: Iterable[bytes], per_second: float) -> list[float]:
    """Return each request's seconds, sent at a steady pace whatever the answers do."""
    pool: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(8):
        pool.put_nowait(await Connection.to(port))
    taken: list[float] = []

    async def ask(message: bytes, due: float) -> None:
        connection = await pool.get()
        await connection.ask(message)
        taken.append(time.perf_counter() - due)
        pool.put_nowait(connection)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number, message in enumerate(messages):
            due = started + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))  # noqa: TID251 - real load
            tasks.create_task(ask(message, time.perf_counter()))
    while not pool.empty():
        pool.get_nowait().close()
    return taken
