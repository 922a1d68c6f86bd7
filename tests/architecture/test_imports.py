"""Dependencies point one way: on the syntax tree, without any tool."""
import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = "spectra_classifier"
LAB = "spectra_lab"

# room: the rooms it may import besides itself
ALLOWED = {
    "core": set(),
    "model": {"core"},
    "simulation": {"core", "model"},
    "files": {"core", "model"},
    "training": {"core", "model"},
    "exploration": {"core"},
    "offline": {"core", "model", "files"},
    "api": {"core", "model", "files", "training", "offline",
            "exploration"},
    "live": {"core", "model", "files", "simulation"},
    "devices": {"core", "model", "files", "simulation", "live",
                "exploration"},
    "cli": {"core", "model", "files", "simulation", "training", "live",
            "devices", "offline", "api", "exploration"},
    LAB: {"core", "model", "files", "simulation", "live", "devices", "cli"},
}
# library: the rooms that may import it
HOMES = {
    "torch": {"training"},
    "karabo": {"devices", LAB},
    "onnxruntime": {"model"},
    "onnx": {"model"},
    "dask": {"offline"},
    "extra_data": {"files"},
}
# what Karabo offers to device authors, and the start of a scripting client,
# which it has but does not re-export
KARABO = {"karabo.middlelayer", "karabo.common.scenemodel.api"}
# projects are read and written with what only the GUI and the project
# manager use otherwise
PROJECTS = {f"{PACKAGE}.devices.tools.karabo_project", *(
    f"{LAB}.gui.client.{name}_tasks" for name in ("device", "project"))}
KARABO_PROJECT = {"karabo.common.project.api", "karabo.native"}
KARABO_LAB = KARABO | {"karabo.middlelayer.ikarabo"}
# measures us beside what others use, so it imports them
PEERS = "spectra_classifier.cli.benchmark.peers"
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}

FILES = sorted(SOURCE.rglob("*.py"))


def imports(tree, module, is_package):
    """Absolute names of all modules that a syntax tree imports."""
    parts = module.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield node.module
                continue
            up = node.level - is_package
            base = parts[:len(parts) - up]
            target = ".".join(base + [node.module] * bool(node.module))
            # "from .. import core" imports a room by its name
            yield from (f"{target}.{alias.name}" for alias in node.names)


def module_of(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package


def room_of(module):
    parts = module.split(".")
    if parts[0] == LAB:
        return LAB
    return parts[1] if len(parts) > 1 and parts[1] in ALLOWED else None


def violations(text, module, is_package=False):
    room = room_of(module)
    tree = ast.parse(text)
    for name in imports(tree, module, is_package):
        library = name.split(".")[0]
        other = room_of(name) if library in (PACKAGE, LAB) else None
        if other and room and other != room and other not in ALLOWED[room]:
            yield f"{room} imports {name}"
        if (library in HOMES and room not in HOMES[library]
                and module != PEERS):
            yield f"{library} imported in {room or PACKAGE}"
        if library == "karabo" and name not in (
                KARABO_LAB if room == LAB else KARABO) and not (
                    module in PROJECTS and name in KARABO_PROJECT):
            yield f"deep import of {name}"
        if library in FORBIDDEN_MODULES:
            yield f"{library} can run what a file says"
    for node in ast.walk(tree):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                and node.func.id in FORBIDDEN_CALLS):
            yield f"{node.func.id}() in line {node.lineno}"


def test_imports_point_one_way():
    found = {}
    for path in FILES:
        module, is_package = module_of(path)
        if wrong := list(violations(path.read_text(), module, is_package)):
            found[str(path.relative_to(SOURCE))] = wrong
    assert found == {}


def test_every_room_is_known():
    rooms = {path.parent.name
             for path in (SOURCE / PACKAGE).glob("*/__init__.py")}
    assert rooms | {LAB} == set(ALLOWED)


FORBIDDEN = [
    ("from ..training import fit", "core.a", "core imports"),
    ("from .. import devices", "core.a", "core imports"),
    ("import spectra_lab.broker", "devices.a", "devices imports"),
    ("from karabo.middlelayer import Device", "live.a", "karabo imported"),
    ("import torch.nn", "devices.a", "torch imported in devices"),
    ("from karabo.middlelayer import Device", "core.a", "karabo imported"),
    ("from karabo.native import Hash", "devices.a", "deep import"),
    ("def f():\n    import pickle", "files.a", "pickle can run"),
    ("x = eval('1')", "files.a", "eval() in line 1"),
]


def test_the_check_sees(subtests):
    for text, module, expected in FORBIDDEN:
        with subtests.test(text=text, module=module):
            found = list(violations(text, f"{PACKAGE}.{module}"))
            assert len(found) == 1 and found[0].startswith(expected)


def test_the_check_lets_good_imports_pass():
    text = "from ..core.spectra import Axis\nfrom .shared import x"
    assert list(violations(text, f"{PACKAGE}.devices.a")) == []
