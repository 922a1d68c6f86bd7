"""An input channel that does not copy what it receives.

For a chunk of the pipeline a stream of asyncio collects pieces, Karabo's
Middlelayer input grows a buffer of them, slices the chunk out of it, slices
the array out of that, and wraps the slice: six copies, each as slow as memory
for a train of some 10 MB, in the event loop that everything else waits for.
Here the buffer has its size from the start, the socket is read into it,
slices of it are views, and such a view takes the place of the bytes of a
decoded array.
"""
import asyncio
import builtins
import importlib.util
from asyncio import (
    BufferedProtocol,
    Future,
    IncompleteReadError,
    StreamReader,
    StreamWriter,
    Transport,
    get_running_loop,
)
from collections.abc import Awaitable, Callable
from functools import cache
from struct import calcsize, unpack
from types import FunctionType
from typing import Protocol, cast

import numpy as np
from karabo.middlelayer import Hash, NetworkInput, decodeBinary
from numpy.typing import NDArray

from .buffer_pool import LARGE, BufferPool
from .version import is_tested

#: bytes up to which a slice is a copy: the decoder asks for keys and numbers
SMALL = 4096
#: bytes; where the largest array of a chunk begins
CACHE_LINE = 64
#: bytes; enough for numbers of every type
ALIGNED = 8

POOL = BufferPool()


class Channel(Protocol):
    """What is used here of a connection of Karabo's pipeline."""

    sizeCode: str
    reader: StreamReader
    writer: StreamWriter
    readBytes: Callable[[], Awaitable["bytearray | ReceivedBytes"]]


class ReceivedBytes:
    """Received bytes whose long slices are views.

    Takes the place of `bytes` wherever a buffer will do, as in
    `numpy.frombuffer`, `str` and `struct.unpack`, and of `bytearray` in
    decoded Hashes.

    Parameters
    ----------
    array
        The bytes, shape (length,).
    reader
        Is notified where arrays begin.
    """

    def __init__(self, array: NDArray[np.uint8],
                 reader: "ChunkReader | None") -> None:
        self._array = array
        self._reader = reader

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, part: slice) -> "bytes | ReceivedBytes":
        array = self._array[part]
        if len(array) <= SMALL:
            return array.tobytes()
        return ReceivedBytes(array, self._reader)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self._array)

    def aligned(self) -> "ReceivedBytes":
        """Itself, or a copy where its numbers would not be aligned."""
        address = self._array.ctypes.data
        if self._reader is not None:
            self._reader.saw_array(address, len(self))
        if address % ALIGNED == 0:
            return self
        copy = POOL.take(len(self))
        copy[:] = self._array
        return ReceivedBytes(copy, self._reader)


class ChunkReader:
    """`Channel.readBytes` into one buffer of the announced size.

    Each chunk is placed so that its largest array begins on a cache line if
    the chunk is laid out as the one before.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._shift = self._next_shift = self._largest = 0

    async def __call__(self) -> ReceivedBytes:
        """The next chunk; `IncompleteReadError` if the stream ends before."""
        channel = self._channel
        reader = channel.reader
        size, = unpack(channel.sizeCode, await reader.readexactly(
            calcsize(channel.sizeCode)))
        self._shift, self._largest = self._next_shift, 0
        array = POOL.take(self._shift + size)[self._shift:]
        await self._fill(memoryview(array))
        return ReceivedBytes(array, self)

    async def _fill(self, buffer: memoryview) -> None:
        reader, at = self._channel.reader, 0
        while at < len(buffer):
            part = await reader.read(len(buffer) - at)
            if not part:
                raise IncompleteReadError(bytes(buffer[:at]), len(buffer))
            buffer[at:at + len(part)] = part
            at += len(part)
            # the stream holds nothing more now
            if len(buffer) - at >= LARGE and not (
                    reader.at_eof() or reader.exception()):
                at += await _Filling(buffer[at:]).fill(
                    cast(Transport, self._channel.writer.transport))

    def saw_array(self, address: int, size: int) -> None:
        """Notes that an array of the last chunk begins at `address`."""
        if size > self._largest:
            self._largest = size
            self._next_shift = (self._shift - address) % CACHE_LINE


class _Filling(BufferedProtocol):
    """Takes the place of the protocol of a stream until a buffer is full.

    The stream is notified of everything that is not data.
    """

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._at = 0
        self._done: Future[None] = get_running_loop().create_future()

    async def fill(self, transport: Transport) -> int:
        """Number of bytes received; fewer only where the stream ends."""
        self._transport = transport
        self._theirs = cast(asyncio.Protocol, transport.get_protocol())
        transport.set_protocol(self)
        try:
            await self._done
        finally:
            self._finish()
        return self._at

    def _finish(self) -> None:
        if self._transport.get_protocol() is self:
            self._transport.set_protocol(self._theirs)
        if not self._done.done():
            self._done.set_result(None)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer[self._at:]

    def buffer_updated(self, nbytes: int) -> None:
        self._at += nbytes
        if self._at == len(self._buffer):
            self._finish()

    def eof_received(self) -> bool | None:
        self._finish()
        return self._theirs.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish()
        self._theirs.connection_lost(exc)

    def pause_writing(self) -> None:
        self._theirs.pause_writing()

    def resume_writing(self) -> None:
        self._theirs.resume_writing()


class ZeroCopyInput(NetworkInput):
    """`NetworkInput` with cheaper reading; everything else is Karabo's."""

    async def processChunk(self, channel: Channel,
                           cls: type | None, output_id: str = "") -> bool:
        if not is_tested():
            return await super().processChunk(channel, cls, output_id)
        if not isinstance(channel.readBytes, ChunkReader):
            channel.readBytes = ChunkReader(channel)
        return await _process_chunk()(self, channel, cls, output_id)


@cache
def decoder() -> Callable[[ReceivedBytes], Hash]:
    """Karabo's `decodeBinary` without the copy of each array.

    It wraps the bytes of an array into a `bytearray`. This is the function
    of a second instance of its module, in which that name is ours; the
    module that everything else uses is left alone.
    """
    spec = importlib.util.find_spec(decodeBinary.__module__)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no source of {decodeBinary.__module__}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["bytearray"] = _bytes_of_array
    return module.decodeBinary


@cache
def _process_chunk() -> FunctionType:
    """`NetworkInput.processChunk` with `decoder` for its decoder."""
    theirs = NetworkInput.processChunk
    return FunctionType(
        theirs.__code__, theirs.__globals__ | {"decodeBinary": decoder()},
        theirs.__name__, theirs.__defaults__)


def _bytes_of_array(source: bytes | ReceivedBytes
                    ) -> bytearray | ReceivedBytes:
    if isinstance(source, ReceivedBytes):
        return source.aligned()
    return builtins.bytearray(source)
