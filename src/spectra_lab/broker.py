"""A private RabbitMQ on the loopback interface.

Works for root and for an ordinary user, several side by side. Used is the
plain start script of the RabbitMQ package, never the distribution's wrapper
(which changes user when root calls it), the service, the system's data or
its port mapper: an `epmd` that Erlang starts by itself listens everywhere
and outlives the broker, so we start our own.

    python -m spectra_lab.broker start DIR    prints the URL
    python -m spectra_lab.broker stop DIR
"""
import os
import shutil
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from .processes import ManagedProcess, stop_all

START_TIMEOUT = 240     # s; ten on a quiet machine
PORT_ATTEMPTS = 3
AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
# no busy waiting: the cores belong to the device servers
ERLANG_ARGUMENTS = ("-kernel inet_dist_use_interface {127,0,0,1} "
                    "+sbwt none +sbwtdcpu none +sbwtdio none")
PLACES = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin",
          "/usr/local/sbin", "/opt/homebrew/sbin")


def server_script() -> Path:
    """The plain `rabbitmq-server` script; `RABBITMQ_BIN` names its folder.

    Raises `FileNotFoundError` with the remedy."""
    folders = ([os.environ["RABBITMQ_BIN"]] if "RABBITMQ_BIN" in os.environ
               else PLACES)
    for folder in folders:
        script = Path(folder) / "rabbitmq-server"
        if os.access(script, os.X_OK) and shutil.which("epmd"):
            return script
    raise FileNotFoundError(
        f"no rabbitmq-server (looked in {', '.join(folders)}) or no epmd on "
        "PATH: install the package rabbitmq-server, or name the folder of "
        "its plain start script in RABBITMQ_BIN")


def free_ports(count: int) -> list[int]:
    """Ports that are free on the loopback interface at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()


def answers(port: int) -> bool:
    """True if an AMQP broker answers; an open port alone is not enough."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as sock:
            sock.settimeout(2)
            sock.sendall(AMQP_HEADER)
            return bool(sock.recv(1))
    except OSError:
        return False


class PrivateBroker:
    """A broker whose data, logs and pid files are in `directory`.

    `url` is what KARABO_BROKER wants. After `kill` or `stop` a `start`
    brings it back on the same port with the same data.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory).resolve()
        self.ports: list[int] = []      # of AMQP, Erlang and epmd
        self._epmd: ManagedProcess | None = None
        self._server: ManagedProcess | None = None

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@localhost:{self.port}"

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    def start(self) -> Self:
        """Start and wait until it answers; raises `RuntimeError`."""
        script = server_script()
        if self.ports:
            self._start_on_ports(script)
            return self
        for attempt in range(PORT_ATTEMPTS):
            self.ports = free_ports(3)
            try:
                self._start_on_ports(script)
                return self
            except RuntimeError:
                # somebody may have taken a port between choice and use
                if attempt == PORT_ATTEMPTS - 1:
                    raise
        return self

    def _start_on_ports(self, script: Path) -> None:
        self._epmd = ManagedProcess(
            "epmd", ["epmd", "-address", "127.0.0.1", "-port",
                     self.ports[2]], self.directory)
        self._server = ManagedProcess(
            "broker", [script], self.directory, self._environment(),
            self.directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "enabled_plugins").write_text("[].\n")
        try:
            self._epmd.start()
            self._server.start()
            end = time.monotonic() + START_TIMEOUT
            while not answers(self.port):
                self._server.require_running()
                if time.monotonic() > end:
                    raise RuntimeError(
                        f"the broker does not answer after {START_TIMEOUT} s;"
                        f" the end of {self._server.log}:\n"
                        f"{self._server.log_tail()}")
                time.sleep(0.1)
        except BaseException:
            self.stop()
            raise

    def _environment(self) -> dict[str, str]:
        amqp, distribution, epmd = self.ports
        folder = self.directory
        env = {name: value for name, value in os.environ.items()
               if not name.startswith(("RABBITMQ_", "ERL_"))}
        return env | {
            "HOME": str(folder),        # the Erlang cookie is written there
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": "karabo@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(amqp),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGUMENTS,
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "erlang"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            # names that do not exist: the machine's settings are not read
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config")}

    def kill(self) -> None:
        """SIGKILL, as a machine that loses power."""
        assert self._server is not None and self._epmd is not None  # started
        self._server.kill()
        self._epmd.stop()

    def stop(self) -> None:
        """Stop broker and port mapper; harmless if nothing runs."""
        for process in self._server, self._epmd:
            if process is not None:
                process.stop(30)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


def main(arguments: Sequence[str]) -> int:
    """The two commands of the module's help."""
    if len(arguments) != 2 or arguments[0] not in ("start", "stop"):
        print(__doc__)
        return 2
    action, directory = arguments
    stop_all(directory)
    if action == "start":
        print(PrivateBroker(directory).start().url)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
