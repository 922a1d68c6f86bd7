"""The wheel of the package in an environment of its own."""
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: version of a build without git
FALLBACK = tomllib.loads((ROOT / "pyproject.toml").read_text())[
    "tool"]["setuptools_scm"]["fallback_version"]
SHIPPED = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "src",
           "models", "manifest")
BIN = Path(sys.executable).parent


def copy_of_the_tree(target):
    """What a release archive has, in a folder without git."""
    target.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name,
                            ignore=shutil.ignore_patterns(
                                "__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / name, target / name)
    return target


def install_wheel(folder):
    """Build the wheel in a folder and install it there; returns its Python.

    Nothing is fetched, so nothing is awaited.
    """
    source = copy_of_the_tree(folder / "source")
    environment = folder / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--no-index",
                    "--no-build-isolation", "--wheel-dir", folder, source],
                   check=True)
    subprocess.run([*pip, "--python", python, "install", "--quiet",
                    "--no-deps", "--no-index", *folder.glob("*.whl")],
                   check=True)
    return python


def add_karabo(python):
    """Give an environment Karabo and what else this one has.

    Behind its own packages; an installation of ours that can be edited is not
    among them, as its .pth file is not read from there.
    """
    own = Path(subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path("
                       "'purelib'))"], check=True, capture_output=True,
        text=True).stdout.strip())
    (own / "karabo.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for program in BIN.iterdir():
        target = python.parent / program.name
        if target.exists() or not program.is_file():
            continue
        content = program.read_bytes()
        if content.startswith(b"#!" + bytes(BIN)):
            lines = content.splitlines(keepends=True)
            lines[0] = b"#!" + bytes(python) + b"\n"
            target.write_bytes(b"".join(lines))
            target.chmod(0o755)
        else:
            target.symlink_to(program)
