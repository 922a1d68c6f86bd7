"""Models on disk: one ONNX file with its manifest; verified when loaded."""
from .engines import engine_kind, make_engine
from .store import (
    LoadedModel,
    classes_stated,
    compose,
    load,
    put,
    save,
    wrap,
)

__all__ = ["LoadedModel", "classes_stated", "compose", "engine_kind", "load",
           "make_engine", "put", "save", "wrap"]
