"""A receiver that dies must not block the one that connects next.

`writelines` of an asyncio transport (Python 3.12, fixed in later versions)
does not check whether its connection is lost: what Karabo sends after the
write that failed is buffered, and the closed socket is registered for
writing. The next connection gets the number of that socket, its registration
fails, and nothing that it sends is read: a guard that came back was connected
and received no permit.
"""
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterable
from typing import Any

from karabo.middlelayer import NetworkOutput

from .version import is_tested


class CheckedWriter:
    """A `StreamWriter` that writes nothing to a lost connection."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer

    def writelines(self, chunks: Iterable[bytes | bytearray]) -> None:
        """As that of `StreamWriter`, with the check that `write` has."""
        if not self._writer.is_closing():
            self._writer.writelines(chunks)

    # whatever a StreamWriter has
    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class LostConnectionFix(NetworkOutput):
    """An output that writes through a `CheckedWriter`."""

    async def serve(self, reader: StreamReader,
                    writer: StreamWriter) -> None:
        await super().serve(
            reader, CheckedWriter(writer) if is_tested() else writer)
