from .api.classification import Classification as Classification
from .api.estimator import (
    SpectraClassifierEstimator as SpectraClassifierEstimator,
)
from .api.exploration import Exploration as Exploration
from .api.exploration import explore as explore
from .api.models import Model as Model
from .api.models import load as load
from .api.reading import Spectra as Spectra
from .api.reading import read as read
from .api.scanning import StateScan as StateScan
from .api.scanning import scan as scan
from .api.training import train as train
from .core.spectra import Axis as Axis

__all__ = [
    "Axis",
    "Classification",
    "Exploration",
    "Model",
    "Spectra",
    "SpectraClassifierEstimator",
    "StateScan",
    "__version__",
    "explore",
    "load",
    "read",
    "scan",
    "train",
]
__version__: str
