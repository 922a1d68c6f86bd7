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

    def __init__(self, port: int) -> None:
        self.target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        # socket: the one at the other side
        self._peer: dict[socket.socket, socket.socket] = {}
        self._wake, self._woken = socket.socketpair()
        self._commands: list[tuple[str, threading.Event]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Broker URL through this link."""
        return f"amqp://guest:guest@localhost:{self.port}"

    def cut(self) -> None:
        """Close all connections and refuse new ones, until `restore`."""
        self._command("cut")

    def freeze(self) -> None:
        """Pass nothing on, until `restore`; nobody is told."""
        self._command("freeze")

    def restore(self) -> None:
        """Forward again; after a `cut` new connections are taken."""
        self._command("restore")

    def close(self) -> None:
        """Cut, and end the thread."""
        self._command("close")
        self._thread.join(5)
        for sock in self._listener, self._wake, self._woken:
            sock.close()

    def _command(self, word: str) -> None:
        done = threading.Event()
        self._commands.append((word, done))
        self._wake.send(b"x")
        done.wait(5)

    def _run(self) -> None:
        state = "restore"
        while state != "close":
            with selectors.DefaultSelector() as selector:
                selector.register(self._woken, selectors.EVENT_READ)
                if state == "restore":
                    for sock in (self._listener, *self._peer):
                        selector.register(sock, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select()]
            for end in ready:
                if end is self._woken:
                    state = self._obey()
                elif end is self._listener:
                    self._accept()
                elif isinstance(end, socket.socket) and end in self._peer:
                    self._forward(end)

    def _obey(self) -> str:
        self._woken.recv(1)
        word, done = self._commands.pop(0)
        if word in ("cut", "close"):
            for sock in list(self._peer):
                self._drop(sock)
        done.set()
        return word

    def _accept(self) -> None:
        here, _ = self._listener.accept()
        try:
            there = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            here.close()
            return
        self._peer[here], self._peer[there] = there, here

    def _forward(self, sock: socket.socket) -> None:
        try:
            if data := sock.recv(CHUNK):
                self._peer[sock].sendall(data)
                return
        except OSError:
            pass
        self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        if other := self._peer.pop(sock, None):
            self._peer.pop(other, None)
            sock.close()
            other.close()
