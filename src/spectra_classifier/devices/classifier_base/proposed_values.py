"""Property values of a device as plain Python, also those to come."""
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from karabo.middlelayer import Configurable, Hash, KaraboError

from ...errors import ConfigurationError
from ...live.configuration.configuration import plain_rows
from ...live.configuration.property_map import COLUMNS, KEYS
from ..common.property_paths import descriptor_at, flat

if TYPE_CHECKING:      # they import this module
    from .deciding_device import DecidingDevice


def values_of(device: "DecidingDevice") -> dict[str, Any]:
    """{property: plain value} of all `KEYS` of a device.

    A device that does not have all of them has `substitutes`: their values.
    """
    return getattr(device, "substitutes", {}) | {
        key: _plain(key, attrgetter(key)(device).value)
        for key in KEYS if descriptor_at(type(device), key) is not None}


def default_values(device_class: type[Configurable]) -> dict[str, Any]:
    """The values that the schema of a device class has by itself."""
    return getattr(device_class, "substitutes", {}) | {
        key: _plain(key, descriptor.defaultValue) for key in KEYS
        if (descriptor := descriptor_at(device_class, key)) is not None}


def proposed_values(device: "DecidingDevice",
                    reconfiguration: Hash) -> dict[str, Any]:
    """The values that a device would have after a reconfiguration.

    Every value is converted and checked as Karabo will do it, tables more
    strictly. Raises `ConfigurationError`; nothing is changed.
    """
    values = values_of(device)
    for key, new in flat(reconfiguration).items():
        descriptor = descriptor_at(type(device), key)
        if key in COLUMNS:
            values[key] = plain_rows(key, new)
        elif key in KEYS and descriptor is not None:
            try:
                value = descriptor.toKaraboValue(new, strict=False)
            except (KaraboError, ArithmeticError, AttributeError, TypeError,
                    ValueError) as error:      # pint raises AttributeError
                raise ConfigurationError(f"{key}: {error}") from None
            values[key] = _plain(key, value.value)
    return values


def karabo_value(key: str, value: Any) -> Any:
    """A plain value as a property takes it."""
    if key in COLUMNS:
        return [tuple(row[column] for column in COLUMNS[key])
                for row in value]
    return list(value) if isinstance(value, tuple) else value


def _plain(key: str, value: Any) -> Any:
    if key in COLUMNS:
        return plain_rows(key, value)
    if isinstance(value, np.ndarray):
        return tuple(value.tolist())
    if isinstance(value, list):
        return tuple(value)
    return value.item() if isinstance(value, np.generic) else value
