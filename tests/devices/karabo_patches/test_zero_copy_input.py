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

from spectra_classifier.devices.karabo_patches.buffer_pool import LARGE
from spectra_classifier.devices.karabo_patches.zero_copy_input import (
    ALIGNED,
    CACHE_LINE,
    SMALL,
    ChunkReader,
    FrugalInput,
    Received,
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


def received(*parts, chunks=1):
    """What a `ChunkReader` makes of parts that come in one after another;
    of the last chunk of some."""
    async def read_all(read):
        for _ in range(chunks - 1):
            decodeBinary(await read())
        return await read()

    async def read():
        reader = StreamReader()

        async def send():
            for part in parts:
                reader.feed_data(part)
                await asyncio.sleep(0)
            reader.feed_eof()

        result, _ = await asyncio.gather(
            read_all(ChunkReader(SimpleNamespace(
                reader=reader, sizeCode=Channel.sizeCode))),
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
    data = found["data.adc.data"]
    assert isinstance(data, Received if size > SMALL else bytearray)
    found["data.adc.data"] = bytearray(data)
    assert found.fullyEqual(decodeBinary(bytes(sent)))


@pytest.mark.parametrize("title", ["", "a", "odd", "some more"])
def test_the_second_train_is_not_copied_and_lies_on_a_cache_line(title):
    size = LARGE // 2
    sent = of_every_kind(size)
    sent = encodeBinary(Hash("title", title, "data", sent["data"]))
    chunk = pack("<I", len(sent)), sent
    first = received(*chunk)
    second = received(*chunk, *chunk, chunks=2)
    for result in first, second:
        found = decodeBinary(result[0:len(sent)])["data.adc.data"]
        array = np.frombuffer(found, np.uint16)
        assert array.ctypes.data % ALIGNED == 0
        np.testing.assert_array_equal(array, np.arange(
            2 * size, dtype=np.uint16))
    assert array.ctypes.data % CACHE_LINE == 0
    assert np.shares_memory(array, np.frombuffer(second, np.uint8))


def test_what_lies_across_the_borders_of_numbers_is_copied():
    reader = ChunkReader(None)
    whole = np.zeros(3 * SMALL, np.uint8)
    at = -whole.ctypes.data % ALIGNED
    straight = Received(whole[at:], reader)
    assert straight.aligned() is straight
    askew = Received(whole[at + 1:], reader).aligned()
    assert len(askew) == len(whole) - at - 1
    assert not np.shares_memory(np.frombuffer(askew, np.uint8), whole)


def test_others_get_a_bytearray():
    found = decodeBinary(encodeBinary(of_every_kind(SMALL)))
    assert type(found["data.adc.data"]) is bytearray


def test_long_slices_are_views():
    whole = np.arange(3 * SMALL, dtype=np.uint8)
    data = Received(whole, None)
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
