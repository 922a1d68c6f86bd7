"""NeXus/HDF5 files: find the data that are meant, and read them.

The plottable data are found as NeXus says: the attribute `default` leads
from the root to an NXdata group, whose `signal` names the spectra and whose
`axes` their axis. Without `default`, a single NXdata group of two dimensions
serves. `labels`, `class_names`, `groups` and `indices` may stand beside the
signal or in its entry. A plain HDF5 file with x and Y at its root is read as
an .npz file is.
"""
from contextlib import contextmanager

import h5py
import numpy as np

from ..errors import DataFileError
from .assembly import (
    assemble,
    check_finite,
    exact_type,
    increasing,
    make_axis,
)
from .npz import OPTIONAL, from_arrays, origin

_DEPTH = 8      # of the chain of defaults; a longer one goes in circles
_UNITS = {"ev": ("energy", "eV"), "kev": ("energy", "keV"),
          "deg": ("two_theta", "deg"), "degree": ("two_theta", "deg"),
          "degrees": ("two_theta", "deg"), "rad": ("two_theta", "rad"),
          "1/angstrom": ("q", "1/angstrom"), "1/nm": ("q", "1/nm"),
          "channel": ("channel", "channel")}


def read_nexus(path, labels=None, axis=None):
    """A `Dataset` of a NeXus or HDF5 file; see `files.read`."""
    with _opened(path) as file:
        _refuse_runs_and_results(path, file)
        group = _find_data(path, file)
        if group is None:
            names = ("x", "Y", *OPTIONAL)
            arrays = {name: _content(path, file[name])
                      for name in names if name in file}
            return from_arrays(path, "HDF5 file", arrays, labels, axis)
        return _from_data(path, group, labels, axis)


def _from_data(path, group, label_file, axis):
    """The `Dataset` of an NXdata group."""
    signal = _signal(path, group)
    where = f"{path}: {signal.name}"
    if signal.ndim not in (1, 2):
        raise DataFileError(f"{where}: has shape {signal.shape}; expected "
                            "(spectra, channels)")
    spectra = exact_type(signal[()], where)
    spectra = spectra.reshape(-1, spectra.shape[-1])
    x, quantity_unit, axis_where = _axis(path, group, signal)
    if axis_where and x.shape == (spectra.shape[1] + 1,):
        x = (x[:-1] + x[1:]) / 2          # edges of a histogram
    if x.shape != (spectra.shape[1],):
        raise DataFileError(f"{axis_where}: has shape {x.shape} for "
                            f"{spectra.shape[1]} channels of {signal.name}")
    check_finite(spectra, lambda row, channel:
                 f"{where}, spectrum {row}, channel {channel}")
    x, spectra, changes = increasing(x, spectra, axis_where)
    found = {name: _beside(group, name) for name in OPTIONAL}
    note = _beside(group, "provenance")
    if isinstance(note, h5py.Group):
        note = note.get("data")
    return assemble(
        path, "NeXus/HDF5 file",
        make_axis(x, axis or quantity_unit, axis_where or where),
        spectra, label_file=label_file, changes=changes,
        where={name: f"{path}: {item.name}"
               for name, item in found.items() if item is not None},
        dataset=signal.name,
        **origin(None if note is None else _content(path, note)),
        **{name: None if item is None else _content(path, item)
           for name, item in found.items()})


@contextmanager
def _opened(path):
    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:      # also while reading: chunks cut off
        raise DataFileError(f"{path}: HDF5 cannot read it ({error}); it is "
                            "cut off, not HDF5, or still being written: "
                            "copy it again") from None


def _refuse_runs_and_results(path, file):
    if {"INDEX", "METADATA"} <= set(file):
        raise DataFileError(
            f"{path}: is a file of a European XFEL run, which cannot be "
            "read yet; save the spectra and their axis with EXtra-data as "
            ".npz with x and Y")
    if "entry/result/label" in file:
        raise DataFileError(
            f"{path}: holds classification results, not spectra; give the "
            "file that was classified")


def _find_data(path, file):
    """The NXdata group that is meant; None for a plain file with x and Y."""
    group = file
    for _ in range(_DEPTH):
        if _text(group.attrs.get("NX_class")) == "NXdata":
            return group
        target = _text(group.attrs.get("default"))
        if not target:
            break
        item = group.get(target)
        if not isinstance(item, h5py.Group):
            raise DataFileError(
                f"{path}: the attribute default of {group.name} names "
                f"{target!r}, which is not a group there; correct it")
        group = item
    if "x" in file and "Y" in file:
        return None
    found = []

    def note(_, item):
        if (isinstance(item, h5py.Group)
                and _text(item.attrs.get("NX_class")) == "NXdata"):
            found.append(item)
    group.visititems(note)
    fit = [item for item in found if _is_spectra(item)] or found
    if len(fit) == 1:
        return fit[0]
    if not fit:
        raise DataFileError(
            f"{path}: has no NXdata group, only "
            f"{', '.join(sorted(file)) or 'nothing'}; expected NeXus data "
            "(signal and axes), or datasets x and Y")
    names = ", ".join(item.name for item in fit)
    raise DataFileError(f"{path}: has {len(fit)} NXdata groups ({names}); "
                        "name one with the attribute default of the file "
                        "and its entry")


def _is_spectra(group):
    name = _text(group.attrs.get("signal"))
    item = group.get(name) if name else None
    return isinstance(item, h5py.Dataset) and item.ndim == 2


def _signal(path, group):
    name = _text(group.attrs.get("signal"))
    if name:
        item = group.get(name)
        if not isinstance(item, h5py.Dataset):
            raise DataFileError(f"{path}: the attribute signal of "
                                f"{group.name} names {name!r}, which is not "
                                "a dataset there; correct it")
        return item
    for item in group.values():    # files before 2014 mark the dataset
        if (isinstance(item, h5py.Dataset)
                and str(_text(item.attrs.get("signal"))) == "1"):
            return item
    raise DataFileError(f"{path}: {group.name} has no attribute signal that "
                        "names its spectra; add it")


def _axis(path, group, signal):
    """x of the last dimension, its quantity and unit or None, its name."""
    names = group.attrs.get("axes", signal.attrs.get("axes"))
    if names is None:
        names = []
    elif isinstance(names, str | bytes):
        names = _text(names).strip("[]").replace(",", ":").split(":")
    else:
        names = [_text(name) for name in np.ravel(names)]
    last = signal.ndim - 1
    if len(names) == signal.ndim:
        name = names[last]
    else:      # fewer names than dimensions: each says where it belongs
        name = next((n for n in names if last in np.ravel(
            group.attrs.get(f"{n}_indices", last if len(names) == 1
                            else -1))), ".")
    if name.strip() in (".", ""):
        return np.arange(signal.shape[-1], dtype=np.float64), None, ""
    item = group.get(name.strip())
    if not isinstance(item, h5py.Dataset):
        raise DataFileError(f"{path}: the attribute axes of {group.name} "
                            f"names {name!r}, which is not a dataset there; "
                            "correct it")
    where = f"{path}: {item.name}"
    x = exact_type(item[()], where).astype(np.float64)
    if x.ndim != 1:
        raise DataFileError(f"{where}: has shape {x.shape}; expected one "
                            "position per channel, the same for all spectra")
    return x, _quantity(item, name.strip()), where


def _quantity(item, name):
    """(quantity, unit) of an axis from its units, else from its name."""
    unit = _text(item.attrs.get("units")) or ""
    known = _UNITS.get(unit.strip().lower().replace("å", "angstrom"))
    if known:
        return known
    if name in ("energy", "two_theta", "q", "channel") and unit:
        return name, unit
    return None


def _beside(group, name):
    """`name` in the NXdata group or in its entry, or None."""
    return group.get(name, group.parent.get(name))


def _content(path, item):
    """The values of a dataset; words as str."""
    if not isinstance(item, h5py.Dataset):
        raise DataFileError(f"{path}: {item.name} is a group, expected a "
                            "dataset")
    if h5py.check_string_dtype(item.dtype):
        return np.asarray(item.asstr()[()], dtype=str)
    return item[()]


def _text(value):
    """An attribute as str, arrays of one element too; None stays None."""
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    return value.decode() if isinstance(value, bytes) else str(value)
