"""HDF5 and NeXus: safe writing, sound reading, values as they are meant."""
from .access import (
    Target,
    created,
    load_filters,
    need_filters,
    need_sound,
    opened,
)

__all__ = ["Target", "created", "load_filters", "need_filters", "need_sound",
           "opened"]
