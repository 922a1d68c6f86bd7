"""A network link that can break: between one server and the broker."""
import selectors
import socket
import threading

CHUNK = 1 << 16


class BreakableLink:
    """Forwards connections from a port of its own to `port` on loopback.

    `cut` closes every connection and takes no new one; `freeze` keeps them
    open and passes nothing on, as a dead switch does. A thread does the
    forwarding; `close` ends it.
    """

    def __init__(self, port):
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._peer = {}         # socket: the one at the other side
        self._wake, self._woken = socket.socketpair()
        self._commands = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self):
        """Broker URL through this link."""
        return f"amqp://guest:guest@localhost:{self.port}"

    def cut(self):
        """Close all connections and refuse new ones, until `restore`."""
        self._command("cut")

    def freeze(self):
        """Pass nothing on, until `restore`; nobody is told."""
        self._command("freeze")

    def restore(self):
        """Forward again; after a `cut` new connections are taken."""
        self._command("restore")

    def close(self):
        """Cut, and end the thread."""
        self._command("close")
        self._thread.join(5)
        for sock in self._listener, self._wake, self._woken:
            sock.close()

    def _command(self, word):
        done = threading.Event()
        self._commands.append((word, done))
        self._wake.send(b"x")
        done.wait(5)

    def _run(self):
        state = "restore"
        while state != "close":
            with selectors.DefaultSelector() as selector:
                selector.register(self._woken, selectors.EVENT_READ)
                if state == "restore":
                    for sock in (self._listener, *self._peer):
                        selector.register(sock, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select()]
            for sock in ready:
                if sock is self._woken:
                    state = self._obey()
                elif sock is self._listener:
                    self._accept()
                elif sock in self._peer:
                    self._forward(sock)

    def _obey(self):
        self._woken.recv(1)
        word, done = self._commands.pop(0)
        if word in ("cut", "close"):
            for sock in list(self._peer):
                self._drop(sock)
        done.set()
        return word

    def _accept(self):
        here, _ = self._listener.accept()
        try:
            there = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            here.close()
            return
        self._peer[here], self._peer[there] = there, here

    def _forward(self, sock):
        try:
            if data := sock.recv(CHUNK):
                self._peer[sock].sendall(data)
                return
        except OSError:
            pass
        self._drop(sock)

    def _drop(self, sock):
        if other := self._peer.pop(sock, None):
            self._peer.pop(other, None)
            sock.close()
            other.close()
