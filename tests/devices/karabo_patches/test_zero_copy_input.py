import asyncio
from asyncio import IncompleteReadError, StreamReader
from struct import pack
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


def over_a_socket(parts, read):
    """What `await read(channel)` gives, or its error, at a socket.

    The parts are sent one after another, and then the connection ends.
    """
    async def answer(_, writer):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async def run():
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        # as Karabo connects
        reader, writer = await asyncio.open_connection(
            *server.sockets[0].getsockname(), limit=2**22)
        try:
            async with asyncio.timeout(60):
                return await read(Channel(reader, writer))
        except IncompleteReadError as error:
            return error
        finally:
            writer.close()
            server.close()
            await server.wait_closed()

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(run())


def received(*parts, chunks=1):
    """What a `ChunkReader` makes of parts that come in one after another;
    of the last chunk of some."""
    async def read(channel):
        read_one = ChunkReader(channel)
        for _ in range(chunks - 1):
            decoder()(await read_one())
        return await read_one()

    return over_a_socket(parts, read)


@settings(deadline=None, max_examples=25,
          suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_reads_what_karabo_reads(data):
    """However chunks are cut into parts, and wherever the stream ends."""
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    sizes = data.draw(st.lists(st.one_of(
        st.integers(0, 10), st.integers(LARGE - 5, 3 * LARGE)),
        min_size=1, max_size=4))
    stream = b"".join(pack("<I", size) + random.bytes(size)
                      for size in sizes)
    stream = stream[:data.draw(st.one_of(
        st.just(len(stream)), st.integers(0, len(stream))))]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)),
                                     max_size=6)))
    parts = [stream[start:stop] for start, stop in zip(
        [0, *cuts], [*cuts, len(stream)], strict=True)]

    turns = data.draw(st.sampled_from([0, 200]))

    async def read_all(read):
        found = []
        while True:
            for _ in range(turns):      # more has come, or the end
                await asyncio.sleep(0)
            try:
                found.append(bytes(memoryview(await read())))
            except IncompleteReadError as error:
                # Karabo asks whether anything of a chunk came
                return found, bool(error.partial), error.expected

    ours, theirs = (over_a_socket(parts, way) for way in (
        lambda channel: read_all(ChunkReader(channel)),
        lambda channel: read_all(channel.readBytes)))
    assert ours == theirs


def test_a_read_that_is_given_up_leaves_the_stream_as_it_was():
    """A device that disconnects cancels its task in the middle of a chunk."""
    size = 8 * LARGE
    begun, rest = pack("<I", size) + bytes(LARGE), b"what comes next"

    async def read(channel):
        task = asyncio.create_task(ChunkReader(channel)())
        protocol = channel.writer.transport.get_protocol()
        while channel.writer.transport.get_protocol() is protocol:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        return channel.writer.transport.get_protocol() is protocol

    assert over_a_socket([begun, rest], read)


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
