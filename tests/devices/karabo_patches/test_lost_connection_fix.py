"""What is sent to a receiver that has died leaves nothing behind."""
import asyncio
import socket
from asyncio import StreamWriter, selector_events

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


async def sent_through_a_checked_writer():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    checked = CheckedWriter(writer)
    checked.writelines([b"one ", b"two"])
    await checked.drain()
    with theirs:
        received = theirs.recv(100)
    checked.close()
    await checked.wait_closed()
    return received


def test_a_connection_that_stands_gets_everything():
    assert in_a_loop_of_its_own(sent_through_a_checked_writer()) == b"one two"


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
