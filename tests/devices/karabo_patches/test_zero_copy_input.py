import asyncio
from asyncio import IncompleteReadError, StreamReader
from struct import pack
from types import SimpleNamespace

import numpy as np
import pytest
from karabo.middlelayer import (
    Hash,
    HashList,
    Timestamp,
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
    ReceivedBytes,
    ZeroCopyInput,
    decoder,
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
            decoder()(await read())
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
    found = decoder()(result[0:len(sent)])
    data = found["data.adc.data"]
    assert isinstance(data, ReceivedBytes if size > SMALL else bytearray)
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
        found = decoder()(result[0:len(sent)])["data.adc.data"]
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
    straight = ReceivedBytes(whole[at:], reader)
    assert straight.aligned() is straight
    askew = ReceivedBytes(whole[at + 1:], reader).aligned()
    assert len(askew) == len(whole) - at - 1
    assert not np.shares_memory(np.frombuffer(askew, np.uint8), whole)


def test_the_decoder_of_karabo_is_left_alone():
    sent = encodeBinary(of_every_kind(SMALL))
    assert decoder() is not decodeBinary
    assert "bytearray" not in decodeBinary.__globals__
    for data in sent, received(pack("<I", len(sent)), sent):
        found = decodeBinary(data)
        assert type(found["data.adc.data"]) is bytearray
        assert found.fullyEqual(decodeBinary(bytes(sent)))


def test_long_slices_are_views():
    whole = np.arange(3 * SMALL, dtype=np.uint8)
    data = ReceivedBytes(whole, None)
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


def one_chunk(size):
    """What the handler of an input gets of a train that an output sent."""
    sent = encodeBinary(of_every_kind(size))
    info = Hash("source", "you:output", "timestamp", True)
    info["timestamp", ...] = Timestamp().toDict()
    header = encodeBinary(Hash(
        "nData", np.uint32(1), "byteSizes",
        np.array([len(sent)], np.uint32), "sourceInfo", HashList([info])))
    handled, answers = [], []

    async def handle(chunk, meta):
        handled.append((chunk, str(meta.source)))

    async def run():
        reader = StreamReader()
        for part in header, sent:
            reader.feed_data(pack("<I", len(part)) + part)
        one = ZeroCopyInput({})
        for waiting in one._initializers:
            waiting.close()
        one.raw, one.handler = True, handle
        one.call_handler = lambda function, *args: function(*args)
        writer = SimpleNamespace(write=answers.append)
        assert await one.processChunk(Channel(reader, writer), None, "me:in")

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(run())
    assert answers
    (chunk, source), = handled
    assert source == "you:output"
    return chunk


def test_everything_else_is_karabos():
    found = one_chunk(SMALL)
    assert isinstance(found["data.adc.data"], ReceivedBytes)
    assert found["data.title"] == "Grüße " * SMALL


def test_another_version_of_karabo_reads_by_itself(another_version):
    found = one_chunk(SMALL)
    assert type(found["data.adc.data"]) is bytearray
    np.testing.assert_array_equal(
        np.frombuffer(found["data.adc.data"], np.uint16),
        np.arange(2 * SMALL, dtype=np.uint16))
