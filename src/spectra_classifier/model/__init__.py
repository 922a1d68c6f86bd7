"""Models on disk: one ONNX file with its manifest; verified when loaded."""
from .engines import engine_kind, make_engine
from .store import LoadedModel, classes_stated, load, save, wrap

__all__ = ["LoadedModel", "classes_stated", "engine_kind", "load",
           "make_engine", "save", "wrap"]
