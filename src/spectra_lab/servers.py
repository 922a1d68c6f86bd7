"""Device servers as processes of our own."""
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .environment import server_environment
from .processes import ManagedProcess

KINDS = ("middlelayer", "macro", "python", "cpp")

#: {device id: {"classId": ..., property: value}}, as JSON
type ServerInit = Mapping[str, Mapping[str, Any]]


class DeviceServer(ManagedProcess):
    """A Karabo device server; `start`, `stop`, `kill`, `pause`, `resume`.

    `kind`: middlelayer, macro, python (the bound API) or cpp; `classes`: class
    ids it offers, all if empty; `init`: {device id: {"classId": ...,
    property: value}} to instantiate at once; `env`: variables on top of ours
    (KARABO, KARABO_BROKER and KARABO_BROKER_TOPIC must be in one of them).
    Log and pid file are in $KARABO/var/log.
    """

    def __init__(self, kind: str, server_id: str,
                 classes: Sequence[str] = (), init: ServerInit | None = None,
                 env: dict[str, str] | None = None,
                 log_level: str = "INFO") -> None:
        if kind not in KINDS:
            raise ValueError(f"server kind {kind!r}: use one of "
                             f"{', '.join(KINDS)}")
        env = server_environment(env)
        # beside the interpreter: the programs of this very environment
        program = Path(sys.executable).parent / f"karabo-{kind}server"
        command: list[str | Path] = [program, f"serverId={server_id}"]
        if classes:
            command.append(f"deviceClasses={','.join(classes)}")
        if init:
            command.append(f"init={json.dumps(init)}")
        if kind != "cpp":
            command.append(f"log.level={log_level}")
        karabo = Path(env["KARABO"])
        super().__init__(server_id, command, karabo / "var/log", env,
                         karabo / "var/data")
        self.server_id = server_id
