"""Models by their id: those of the package, and those of a site."""
import os
from pathlib import Path

from ..errors import ModelFileError

#: environment variable with the folders of a site, searched first
FOLDERS = "SPECTRA_CLASSIFIER_MODELS"
SUFFIX = ".onnx"
_PACKAGE = Path(__file__).resolve().parents[1]


def released_folder() -> Path:
    """Folder of the released models: in the package or, in a clone of the
    repository, at its top."""
    installed = _PACKAGE / "released"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "models"


def model_folders() -> list[Path]:
    """Folders that are searched for the id of a model, in their order."""
    own = os.environ.get(FOLDERS, "").split(os.pathsep)
    return [*(Path(folder) for folder in own if folder), released_folder()]


def is_model_name(text: str) -> bool:
    """Whether it can be the id or the name of a model, and is no path."""
    return bool(text) and Path(text).name == text and text not in ("..", ".")


def find_model(name: str) -> Path:
    """The file of a model.

    Parameters
    ----------
    name
        Its id, such as "gotthard2-ramp-5b6b03bd735f504a", or that without
        the hash at its end where only one model of a folder has that name.

    Raises
    ------
    ModelFileError
        Names the models that there are.
    """
    known: list[str] = []
    for folder in model_folders():
        models = {path.stem: path for path in sorted(folder.glob(
            f"*{SUFFIX}"))}
        wanted = name.removesuffix(SUFFIX)
        found = [path for model, path in models.items()
                 if wanted in (model, model.rpartition("-")[0])]
        if len(found) > 1:
            raise ModelFileError(
                f"{name} is the name of {len(found)} models in {folder}: "
                f"name one of {', '.join(path.stem for path in found)}")
        if found:
            return found[0]
        known += models
    raise ModelFileError(
        f"{ascii(name)[:200]} is not a model in "
        f"{', '.join(map(str, model_folders()))}; known are "
        f"{', '.join(known) or 'none'}")
