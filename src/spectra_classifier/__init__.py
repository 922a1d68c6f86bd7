"""Live classification of X-ray spectra, pulse by pulse, as Karabo devices.

The names below are imported when they are first used, so that importing the
package costs next to nothing.
"""
#: {name: the module that has it}
_HOMES = {
    "Axis": "core.spectra",
    "Classification": "api.classification",
    "Exploration": "api.exploration",
    "Model": "api.models",
    "Spectra": "api.reading",
    "SpectraClassifierEstimator": "api.estimator",
    "StateScan": "api.scanning",
    "explore": "api.exploration",
    "load": "api.models",
    "read": "api.reading",
    "scan": "api.scanning",
    "train": "api.training",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name == "__version__":
        value: object = _version()
    elif name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    """Of the tag of the release (setuptools-scm), or after it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("spectra_classifier")
    except PackageNotFoundError:    # a source tree that was never installed
        return "0+unknown"
