"""A person at the real Karabo GUI, driven by lines of JSON.

    .venv-gui/bin/python src/spectra_lab/gui/client HOST PORT

Runs in the environment of the GUI, where nothing of ours is installed. Every
line on stdin is a task {"do": NAME, ...}; every answer is one line on stdout
that begins with "= ", {"ok": true, ...} or {"ok": false, "error": TEXT}.
What the GUI itself prints goes by on stdout and stderr.

Each task is a generator that yields until it is done, so that the event loop
of the GUI turns in between.
"""
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import device_tasks
import karabogui.const as constants
import karabogui.singletons.network as network
import project_tasks
import scene_tasks
from karabogui.programs.base import create_gui_app, init_gui
from karabogui.singletons.api import get_network
from qtpy.QtCore import QSocketNotifier, QTimer
from qtpy.QtWidgets import QDialog, QMessageBox
from waiting import Task

TASKS = scene_tasks.TASKS | device_tasks.TASKS | project_tasks.TASKS
TICK = 20       # ms


class AutoLogin:
    """In the place of the login dialog, which waits for a click."""
    access_level = "expert"

    def __init__(self, hostname: str = "", port: str | int = "",
                 gui_servers: Sequence[str] | None = None,
                 **kwargs: object) -> None:
        self.hostname, self.port = hostname, int(port)
        self.gui_servers = gui_servers or []

    def exec(self) -> int:
        return QDialog.Accepted

    exec_ = exec


def say_yes(*args: object, **kwargs: object) -> int:
    """The answer to every "Do you really want to ...?"."""
    return QMessageBox.Yes


class Person:
    """Does one task after the other."""

    def __init__(self) -> None:
        self._task: Task | None = None
        self._notifier = QSocketNotifier(0, QSocketNotifier.Read)
        self._notifier.activated.connect(self._read)
        self._timer = QTimer()
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._step)

    def _read(self, *args: object) -> None:
        line = sys.stdin.readline()
        if not line:
            os._exit(0)     # a normal end may ask questions
        task = json.loads(line)
        try:
            self._task = TASKS[task.pop("do")](**task)
        except (KeyError, TypeError) as error:
            self._answer(ok=False, error=repr(error))
            return
        self._timer.start()

    def _step(self) -> None:
        assert self._task is not None       # set before the timer starts
        try:
            next(self._task)
        except StopIteration as end:
            self._answer(ok=True, **end.value)
        except Exception as error:
            self._answer(ok=False, error=f"{type(error).__name__}: {error}")

    def _answer(self, **answer: Any) -> None:
        self._timer.stop()
        print("=", json.dumps(answer), flush=True)


def main(host: str, port: str) -> None:
    """Connect, and do what stdin says until it ends."""
    network.ReactiveLoginDialog = AutoLogin
    QMessageBox.exec = QMessageBox.exec_ = say_yes
    QMessageBox.question = staticmethod(say_yes)
    app = create_gui_app(sys.argv[:1])
    init_gui(app, use_splash=False)
    # scenes get windows of their own, as in the theatre
    constants.APPLICATION_MODE = True
    connected = get_network().connectToServerDirectly(
        hostname=host, port=int(port))
    person = Person()
    print("=", json.dumps({"ok": bool(connected), "pid": os.getpid()}),
          flush=True)
    app.exec()
    del person


if __name__ == "__main__":
    main(*sys.argv[1:])
