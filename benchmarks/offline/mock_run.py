"""A run as long as one likes from a few simulated trains.

The files have the structure that the data acquisition writes; EXtra-data's
own mock writers make it. The arrays are virtual datasets: thousands of
trains repeat the trains of one pool file, so that a run of 60 GB needs some
100 MB of disk. Trains, pulses and codes are those of the simulated
Gotthard-II with everything that makes life hard.
"""
from pathlib import Path

import h5py
import numpy as np
from extra_data.tests.mockdata import write_file
from extra_data.tests.mockdata.base import DeviceBase

from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset

ROOT = Path(__file__).resolve().parents[2]
DETECTOR = "SQS_EXP_GH2-2/DET/RECEIVER"
SOURCE = f"{DETECTOR}:daqOutput"
FIRST_TRAIN = 10000
#: trains per sequence file; HDF5 looks through all mappings of a virtual
#: dataset at every access, so that many in a file would be what is measured
SEQUENCE = 500
ARRAYS = {"adc": "u2", "gain": "u1", "memoryCell": "u1", "frameNumber": "u8",
          "bunchId": "u8"}


class Gotthard2(DeviceBase):
    """One entry per train, all its frames in it."""
    output_channels = ("daqOutput/data",)

    def __init__(self, shapes):
        super().__init__(DETECTOR)
        self.instrument_keys = [(name, ARRAYS[name], shape)
                                for name, shape in shapes.items()]


def released_model():
    """The released model for the simulated Gotthard-II."""
    return max((ROOT / "models").glob("gotthard2-ramp-*.onnx"))


def dark_file(path, seed=7):
    """The dark spectrum of the detector of `simulated_run`."""
    source = GotthardSource(preset("realistic"), "ramp", seed, FIRST_TRAIN)
    np.savez(path, x=source.axis.values, Y=source.dark[None],
             quantity=source.axis.quantity, unit=source.axis.unit)
    return path


def simulated_run(folder, trains, pulses, pool=10, seed=7):
    """Writes the run; returns its folder.

    `pool`: number of different trains.
    """
    folder.mkdir(parents=True)
    source = GotthardSource(preset("realistic"), "ramp", seed, FIRST_TRAIN)
    pool = min(pool, trains)
    made = [source.train(FIRST_TRAIN + 60 * k, pulses) for k in range(pool)]
    values = {"adc": [t.adc for t in made], "gain": [t.gain for t in made],
              "memoryCell": [t.cell for t in made],
              "frameNumber": [t.frame for t in made],
              "bunchId": [t.bunch for t in made]}
    shared = folder / "pool.data"
    with h5py.File(shared, "w") as file:
        for name, arrays in values.items():
            file[name] = np.array(arrays, ARRAYS[name])
    shapes = {name: arrays[0].shape for name, arrays in values.items()}
    for number, first in enumerate(range(0, trains, SEQUENCE)):
        count = min(SEQUENCE, trains - first)
        path = folder / f"RAW-R0001-DA01-S{number:05d}.h5"
        write_file(str(path), [Gotthard2(shapes)], count,
                   FIRST_TRAIN + first, chunksize=16, format_version="1.0")
        with h5py.File(path, "r+") as file:
            for name, shape in shapes.items():
                _repeat(file, name, shared, (pool, *shape), first, count)
    return folder


def _repeat(file, name, shared, shape, first, count):
    """Replaces an array by one whose trains are those of the pool in turn."""
    where = f"INSTRUMENT/{SOURCE}/data/{name}"
    del file[where]
    pool = shape[0]
    layout = h5py.VirtualLayout((count, *shape[1:]), ARRAYS[name])
    origin = h5py.VirtualSource(shared.name, name, shape, ARRAYS[name])
    row = 0
    while row < count:
        start = (first + row) % pool
        rows = min(pool - start, count - row)
        layout[row:row + rows] = origin[start:start + rows]
        row += rows
    file.create_virtual_dataset(where, layout)
