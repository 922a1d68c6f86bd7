"""What is sent to a receiver that has died leaves nothing behind."""
import asyncio
import socket
from asyncio import StreamWriter, selector_events

from hypothesis import given
from hypothesis import strategies as st
from karabo.middlelayer import NetworkOutput

from spectra_classifier.devices.karabo_patches.lost_connection_fix import (
    CheckedWriter,
    LostConnectionFix,
)


async def registered_after_a_loss(checked):
    """Whether the socket is still watched once its receiver is gone."""
    ours, theirs = socket.socketpair()
    number = ours.fileno()
    _, writer = await asyncio.open_connection(sock=ours)
    if checked:
        writer = CheckedWriter(writer)
    theirs.close()
    writer.write(b"fails")
    writer.writelines([b"and", b"more"])
    await asyncio.sleep(0)
    await asyncio.sleep(0)      # the transport closes its socket
    loop = asyncio.get_running_loop()
    left = number in loop._selector.get_map()
    if left:
        loop._selector.unregister(number)
    return left


def in_a_loop_of_its_own(coroutine):
    # not Karabo's, which the tests share
    loop = asyncio.SelectorEventLoop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def test_a_lost_connection_leaves_no_registration():
    assert not in_a_loop_of_its_own(registered_after_a_loss(checked=True))


def test_asyncio_is_left_alone():
    transport = selector_events._SelectorSocketTransport
    assert not hasattr(transport.writelines, "__wrapped__")
    assert transport.writelines.__module__ == selector_events.__name__


async def sent_through_a_checked_writer(steps):
    """What comes through the socket, and how often it was written to."""
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    checked, send, calls = CheckedWriter(writer), writer.writelines, []
    writer.writelines = lambda chunks: (calls.append(1), send(chunks))
    for step in steps:
        if isinstance(step, bytes):
            checked.write(step)
        elif isinstance(step, list):
            checked.writelines(step)
        elif step == "drain":
            await checked.drain()
        else:
            await asyncio.sleep(0)
    checked.close()
    await checked.wait_closed()
    received = b""
    with theirs:
        while part := theirs.recv(10_000):
            received += part
    return received, len(calls)


PIECES = st.binary(min_size=1, max_size=20)


@given(st.lists(st.one_of(PIECES, st.lists(PIECES, min_size=1, max_size=3),
                          st.sampled_from(["drain", "turn"])), max_size=12))
def test_a_connection_that_stands_gets_everything(steps):
    received, calls = in_a_loop_of_its_own(
        sent_through_a_checked_writer(steps))
    assert received == b"".join(
        step if isinstance(step, bytes) else b"".join(step)
        for step in steps if not isinstance(step, str))
    assert calls <= len(steps)


def test_the_head_of_a_train_goes_out_with_its_data():
    received, calls = in_a_loop_of_its_own(sent_through_a_checked_writer(
        [b"size", b"head", b"size", [b"da", b"ta"]]))
    assert (received, calls) == (b"sizeheadsizedata", 1)


def writer_of(monkeypatch):
    """What the `serve` of Karabo gets from ours."""
    given = []

    async def serve(self, reader, writer):
        given.append(writer)

    monkeypatch.setattr(NetworkOutput, "serve", serve)
    output = LostConnectionFix({})
    for waiting in output._initializers:
        waiting.close()
    in_a_loop_of_its_own(output.serve(None, StreamWriter.__new__(
        StreamWriter)))
    return given[0]


def test_our_outputs_write_checked(monkeypatch):
    # a writer that was never opened has nothing to close
    monkeypatch.delattr(StreamWriter, "__del__", raising=False)
    assert isinstance(writer_of(monkeypatch), CheckedWriter)


def test_another_version_of_karabo_writes_by_itself(
        another_version, monkeypatch):
    monkeypatch.delattr(StreamWriter, "__del__", raising=False)
    assert isinstance(writer_of(monkeypatch), StreamWriter)
