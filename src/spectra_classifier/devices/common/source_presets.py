"""The property `source.preset`: fills in the paths of a source."""
from karabo.middlelayer import Hash

from ...core.preprocessing.source_layout import PRESETS
from ...live.configuration.property_map import LAYOUT_KEYS
from .property_paths import flat

PRESET = "source.preset"


def with_preset(values: Hash) -> Hash:
    """Values to be set, with the paths of a preset that is among them.

    A path that is given together with the preset wins over it.
    """
    given = flat(values)
    if PRESET not in given:
        return values
    layout = PRESETS[given[PRESET]]
    for key, name in LAYOUT_KEYS.items():
        if key not in given:
            values[key] = getattr(layout, name)
    return values
