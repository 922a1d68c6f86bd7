import asyncio
from asyncio import IncompleteReadError, StreamReader
from struct import pack
from types import SimpleNamespace

import numpy as np
import pytest
from karabo.middlelayer import (
    Hash,
    HashList,
    NetworkInput,
    decodeBinary,
    encodeBinary,
)
from karabo.middlelayer.pipeline import Channel

from spectra_classifier.devices.frugal_input import (
    SMALL,
    FrugalInput,
    Received,
    read_bytes,
)


def of_every_kind(size):
    array = Hash("type", np.int32(14), "shape", np.array([2, size], np.uint64),
                 "isBigEndian", False,
                 "data", bytearray(np.arange(2 * size, dtype=np.uint16)))
    return Hash("data.adc", array,
                "data.bunchId", np.arange(size, dtype=np.uint64),
                "data.title", "Grüße " * size, "number", np.uint32(7),
                "flag", True, "rows", HashList([Hash("a", 1.5)]),
                "names", ["a", "b" * size])


def received(*parts):
    """What `read_bytes` makes of parts that come in one after another."""
    async def read():
        reader = StreamReader()

        async def send():
            for part in parts:
                reader.feed_data(part)
                await asyncio.sleep(0)
            reader.feed_eof()

        result, _ = await asyncio.gather(
            read_bytes(SimpleNamespace(reader=reader,
                                       sizeCode=Channel.sizeCode)),
            send(), return_exceptions=True)
        return result

    return asyncio.run(read())


@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_decodes_to_the_same(size):
    sent = encodeBinary(of_every_kind(size))
    result = received(pack("<I", len(sent)), sent[:10], sent[10:])
    assert len(result) == len(sent)
    assert bytes(result) == bytes(sent)
    # Karabo slices the chunk out of what it received
    found = decodeBinary(result[0:len(sent)])
    assert found.fullyEqual(decodeBinary(bytes(sent)))


def test_long_slices_are_views():
    whole = np.arange(3 * SMALL, dtype=np.uint8)
    data = Received(memoryview(whole))
    part = data[10:10 + 2 * SMALL][5:5 + SMALL + 1]
    assert np.shares_memory(np.frombuffer(part, np.uint8), whole)
    assert bytes(part) == whole[15:16 + SMALL].tobytes()
    assert isinstance(data[:SMALL], bytes)


def test_what_comes_next_is_left_in_the_stream():
    result = received(pack("<I", 3) + b"abcdef")
    assert bytes(result) == b"abc"


def test_an_end_between_two_chunks_is_empty():
    error = received()
    assert isinstance(error, IncompleteReadError)
    assert error.partial == b""     # for Karabo: closed in good order


def test_an_end_within_a_chunk_is_not():
    error = received(pack("<I", 6), b"abc")
    assert isinstance(error, IncompleteReadError)
    assert error.partial == b"abc"


def test_everything_else_is_karabos(monkeypatch):
    async def process(self, channel, cls, output_id):
        return await channel.readBytes(), cls, output_id

    monkeypatch.setattr(NetworkInput, "processChunk", process)

    async def run():
        reader = StreamReader()
        reader.feed_data(pack("<I", 2) + b"ab")
        return await FrugalInput.processChunk(
            FrugalInput.__new__(FrugalInput), Channel(reader, None), None,
            "me:input")

    data, cls, name = asyncio.run(run())
    assert isinstance(data, Received)
    assert bytes(data) == b"ab"
    assert (cls, name) == (None, "me:input")
