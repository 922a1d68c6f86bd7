"""A link that can be cut or frozen."""
import socket
import threading

import pytest

from spectra_lab.link import BreakableLink


@pytest.fixture
def echo():
    """Port of a server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,),
                             daemon=True).start()

    def answer(connection):
        with connection:
            while data := connection.recv(100):
                connection.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture
def link(echo):
    link = BreakableLink(echo)
    yield link
    link.close()


@pytest.fixture
def client(link):
    with socket.create_connection(("127.0.0.1", link.port), 5) as sock:
        sock.settimeout(5)
        yield sock


def says(sock, data):
    sock.sendall(data)
    return sock.recv(100) == data


def test_it_forwards_both_ways(client):
    assert says(client, b"hello")


def test_a_cut_is_seen_at_once(link, client):
    assert says(client, b"hello")
    link.cut()
    assert client.recv(100) == b""


def test_frozen_it_is_silent_and_then_delivers(link, client):
    assert says(client, b"hello")
    link.freeze()
    client.sendall(b"late")
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.recv(100)
    link.restore()
    client.settimeout(5)
    assert client.recv(100) == b"late"


def test_after_a_cut_it_can_be_restored(link, client):
    link.cut()
    link.restore()
    with socket.create_connection(("127.0.0.1", link.port), 5) as sock:
        sock.settimeout(5)
        assert says(sock, b"again")
