"""What is sent to a receiver that has died leaves nothing behind."""
import asyncio
import socket

from spectra_classifier.devices.karabo_patches import lost_connection_fix


async def registered_after_a_loss():
    """Whether the socket is still looked at once its receiver is gone."""
    ours, theirs = socket.socketpair()
    number = ours.fileno()
    _, writer = await asyncio.open_connection(sock=ours)
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
    assert hasattr(lost_connection_fix.TRANSPORT.writelines, "__wrapped__")
    assert not in_a_loop_of_its_own(registered_after_a_loss())


def test_the_mend_can_be_asked_for_twice():
    before = lost_connection_fix.TRANSPORT.writelines
    lost_connection_fix.mend()
    assert lost_connection_fix.TRANSPORT.writelines is before

