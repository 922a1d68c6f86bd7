"""An input channel that does not copy what it receives.

For a chunk of the pipeline Karabo's Middlelayer input grows a buffer, slices
the chunk out of it, slices the array out of that, and wraps the slice: four
copies, each as slow as memory for a train of some 10 MB, in the event loop
that everything else waits for. Here the buffer has its size from the start,
slices of it are views, and such a view is what a decoded array has for bytes.
"""
import builtins
from asyncio import IncompleteReadError
from struct import calcsize, unpack

from karabo.middlelayer import NetworkInput, decodeBinary

from .buffer_pool import Slabs

#: bytes up to which a slice is a copy: the decoder asks for keys and numbers
SMALL = 4096
#: bytes; where the largest array of a chunk begins
CACHE_LINE = 64
#: bytes; enough for numbers of every type
ALIGNED = 8

SLABS = Slabs()


class Received:
    """Received bytes: long slices are views of them.

    Stands for `bytes` wherever a buffer will do, as in `numpy.frombuffer`,
    `str` and `struct.unpack`, and for `bytearray` in decoded Hashes. `reader`
    is told where arrays lie.
    """

    def __init__(self, array, reader):
        self._array = array
        self._reader = reader

    def __len__(self):
        return len(self._array)

    def __getitem__(self, part):
        array = self._array[part]
        if len(array) <= SMALL:
            return array.tobytes()
        return Received(array, self._reader)

    def __buffer__(self, flags):
        return memoryview(self._array)

    def aligned(self):
        """Itself, or a copy where numbers would lie across their borders."""
        address = self._array.ctypes.data
        self._reader.saw_array(address, len(self))
        if address % ALIGNED == 0:
            return self
        copy = SLABS.take(len(self))
        copy[:] = self._array
        return Received(copy, self._reader)


class ChunkReader:
    """`Channel.readBytes` into one buffer of the announced size.

    Each chunk is placed so that its largest array lies on a cache line if
    the chunk is laid out as the one before.
    """

    def __init__(self, channel):
        self._channel = channel
        self._shift = self._next_shift = self._largest = 0

    async def __call__(self):
        channel = self._channel
        reader = channel.reader
        size, = unpack(channel.sizeCode, await reader.readexactly(
            calcsize(channel.sizeCode)))
        self._shift, self._largest = self._next_shift, 0
        array = SLABS.take(self._shift + size)[self._shift:]
        buffer = memoryview(array)
        at = 0
        while at < size:
            part = await reader.read(size - at)
            if not part:
                raise IncompleteReadError(bytes(buffer[:at]), size)
            buffer[at:at + len(part)] = part
            at += len(part)
        return Received(array, self)

    def saw_array(self, address, size):
        """An array of the chunk that was read last begins there."""
        if size > self._largest:
            self._largest = size
            self._next_shift = (self._shift - address) % CACHE_LINE


class FrugalInput(NetworkInput):
    """`NetworkInput` with cheaper reading; everything else is Karabo's."""

    async def processChunk(self, channel, cls, output_id=""):
        if not isinstance(channel.readBytes, ChunkReader):
            channel.readBytes = ChunkReader(channel)
        return await super().processChunk(channel, cls, output_id)


def keep_views():
    """Let Karabo's decoder take received bytes as they lie.

    It wraps the bytes of an array into a `bytearray`, one more copy. That
    name is ours in its module from now on; only for `Received` it does
    anything else than before.
    """
    decodeBinary.__globals__["bytearray"] = _bytes_of_array


def _bytes_of_array(source):
    if isinstance(source, Received):
        return source.aligned()
    return builtins.bytearray(source)
