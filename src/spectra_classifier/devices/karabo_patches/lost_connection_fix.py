"""What an output writes to a receiver: safely, and in one go.

A receiver that dies must not block the one that connects next:

`writelines` of an asyncio transport (Python 3.12, fixed in later versions)
does not check whether its connection is lost: what Karabo sends after the
write that failed is buffered, and the closed socket is registered for
writing. The next connection gets the number of that socket, its registration
fails, and nothing that it sends is read: a guard that came back was connected
and received no permit.

Karabo writes the head of a train in three pieces of a few bytes before its
data, each a call of the system. They wait for the data here.
"""
from asyncio import StreamReader, StreamWriter, get_running_loop
from collections.abc import Iterable
from typing import Any

from karabo.middlelayer import NetworkOutput

from .version import is_tested


class CheckedWriter:
    """A `StreamWriter` that writes nothing to a lost connection.

    What is written in one turn of the event loop goes out together.
    """

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer
        self._held: list[bytes | bytearray] = []

    def write(self, data: bytes | bytearray) -> None:
        """Write at the end of this turn, or with what is behind it."""
        if not self._held:
            get_running_loop().call_soon(self._flush)
        self._held.append(data)

    def writelines(self, chunks: Iterable[bytes | bytearray]) -> None:
        """As that of `StreamWriter`, with the check that `write` has."""
        self._held.extend(chunks)
        self._flush()

    async def drain(self) -> None:
        """Wait as `StreamWriter` does, also for what was held."""
        self._flush()
        await self._writer.drain()

    def close(self) -> None:
        """Close behind what was held."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held and not self._writer.is_closing():
            self._writer.writelines(held)

    # whatever a StreamWriter has
    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class LostConnectionFix(NetworkOutput):
    """An output that writes through a `CheckedWriter`."""

    async def serve(self, reader: StreamReader,
                    writer: StreamWriter) -> None:
        await super().serve(
            reader, CheckedWriter(writer) if is_tested() else writer)
