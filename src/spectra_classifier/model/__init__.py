"""Models on disk: one ONNX file with its manifest; verified when loaded."""
from .engines import engine_kind, make_engine
from .store import LoadedModel, load, save, wrap

__all__ = ["LoadedModel", "engine_kind", "load", "make_engine", "save",
           "wrap"]
