"""Nothing is changed by an import, and processes end in one place."""
import json
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
#: runs in the environment of the GUI, where nothing of ours is installed
APART = "spectra_lab/gui/client/__main__.py"
STATE = """
import gc, json, sys
from asyncio.selector_events import _SelectorSocketTransport
import karabo.middlelayer as karabo

def state():
    changeable = (karabo.NetworkInput, karabo.NetworkOutput, karabo.Device,
                  karabo.OutputChannel, _SelectorSocketTransport)
    return ([{name: id(value) for name, value in vars(cls).items()
              if not name.startswith("__") or name == "__init__"}
             for cls in changeable],
            sorted(karabo.decodeBinary.__globals__),
            sys.getswitchinterval(), gc.get_freeze_count())

before = state()
from spectra_classifier import devices
imported = sorted(name for name in sys.modules
                  if name.startswith("spectra_classifier"))
for name in devices.MODULES:
    getattr(devices, name)
print(json.dumps([imported, before == state()]))
"""


def test_importing_every_device_changes_nothing():
    imported, same = json.loads(subprocess.run(
        [sys.executable, "-c", STATE], check=True, capture_output=True,
        text=True).stdout)
    assert imported == ["spectra_classifier", "spectra_classifier.devices"]
    assert same


def test_processes_are_ended_in_one_place():
    found = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py")
             if re.search(r"\bos\._exit\b", path.read_text())}
    assert found == {"spectra_classifier/process.py", APART}
