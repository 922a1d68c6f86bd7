"""Drives the Karabo GUI in its own process; see `client`."""
import json
import os
import select
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

CLIENT = Path(__file__).with_name("client")
ANSWER = "= "
#: s for one task; some wait for a device themselves
PATIENCE = 60.


def gui_python(root: str | os.PathLike[str]) -> Path | None:
    """Python of the environment with the GUI, None where there is none.

    SPECTRA_GUI_PYTHON names another one than `root`/.venv-gui.
    """
    path = Path(os.environ.get("SPECTRA_GUI_PYTHON")
                or Path(root) / ".venv-gui" / "bin" / "python")
    return path if path.exists() else None


class Person:
    """Somebody at the GUI; `home` is a folder for settings and log."""

    def __init__(self, python: Path, port: int,
                 home: str | os.PathLike[str]) -> None:
        home = Path(home)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log = home / "gui.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(python), str(CLIENT), "localhost", str(port)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True, cwd=home, env=os.environ | {
                    "HOME": str(home), "QT_QPA_PLATFORM": "offscreen",
                    "XDG_RUNTIME_DIR": str(home)})
        assert self._process.stdin is not None      # a pipe, as asked for
        assert self._process.stdout is not None
        self._tasks = self._process.stdin
        self._answers = self._process.stdout
        os.set_blocking(self._answers.fileno(), False)
        self._text = ""
        self._answer("the start of the GUI")

    def do(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a task; `RuntimeError` with its reason if it fails.
        """
        print(json.dumps({"do": name} | arguments), flush=True,
              file=self._tasks)
        return self._answer(f"{name} {arguments}")

    def _answer(self, what: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while True:
            line, found, rest = self._text.partition("\n")
            if found:
                self._text = rest
                if line.startswith(ANSWER):
                    answer = json.loads(line[len(ANSWER):])
                    if not answer.pop("ok"):
                        raise RuntimeError(f"{what}: {answer}")
                    return answer
                continue
            left = end - time.monotonic()
            if left <= 0 or self._process.poll() is not None:
                raise RuntimeError(f"{what}: no answer of the GUI; see "
                                   f"{self.log}: {self._tail()}")
            ready, _, _ = select.select([self._answers], [], [],
                                        min(left, 1.))
            if ready:
                self._text += self._answers.read() or ""

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def value(self, key: str) -> Any:
        """What the widget on a property shows now."""
        return self.do("value", key=key)["value"]

    def until(self, key: str, condition: Callable[[Any], object],
              patience: float = 20., why: str | None = None) -> Any:
        """Wait until the value of a widget fulfils a condition; returns it.

        `why`: key of the widget that tells the reason, where it does not.
        """
        end = time.monotonic() + patience
        while not condition(value := self.value(key)):
            if time.monotonic() > end:
                reason = f": {self.value(why)}" if why else ""
                raise TimeoutError(f"{key} shows {value!r} after "
                                   f"{patience:g} s{reason}")
            time.sleep(0.1)
        return value

    def close(self) -> None:
        """End the GUI."""
        self._tasks.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
