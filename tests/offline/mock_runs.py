"""Runs as the data acquisition writes them, by EXtra-data's own writers."""
import h5py
import numpy as np
from extra_data.tests.mockdata import write_file
from extra_data.tests.mockdata.base import DeviceBase

DETECTOR = "SQS_EXP_GH2-2/DET/RECEIVER"
SOURCE = f"{DETECTOR}:daqOutput"
MOTOR = "SQS_EXP_CELL/MOTOR/PRESSURE"
FIRST = 10000


class Gotthard2(DeviceBase):
    """A Gotthard-II module: one entry per train, all frames in it.

    `dtype` "u2" as it is read out, "f4" and a mask as it is corrected.
    """
    output_channels = ("daqOutput/data",)

    def __init__(self, frames, channels, dtype="u2"):
        super().__init__(DETECTOR)
        self.instrument_keys = [("adc", dtype, (frames, channels)),
                                ("gain", "u1", (frames, channels)),
                                ("memoryCell", "u1", (frames,)),
                                ("frameNumber", "u8", (frames,)),
                                ("bunchId", "u8", (frames,))]
        if dtype == "f4":
            self.instrument_keys.append(("mask", "u4", (frames, channels)))


class Spectrometer(DeviceBase):
    """One entry per pulse; how many may change from train to train."""
    output_channels = ("daqOutput/data",)

    def __init__(self, counts, channels):
        super().__init__(DETECTOR)
        self.counts = counts
        self.instrument_keys = [("adc", "f4", (channels,))]

    def write_instrument(self, f):
        counts, self.counts = np.split(np.asarray(self.counts),
                                       [self.ntrains])
        super().write_instrument(f)
        for name, values in ("first", np.cumsum(counts) - counts), (
                "count", counts):
            f[f"INDEX/{SOURCE}/data/{name}"][:] = values
        adc = f[f"INSTRUMENT/{SOURCE}/data/adc"]
        adc.resize(max(counts.sum(), 1), axis=0)


class Pressure(DeviceBase):
    """A slow value that may say what the sample is."""
    control_keys = [("actualPosition", "f8", ())]


def write_run(folder, devices, trains, sequences=1, first=FIRST,
              format_version="1.0"):
    """Files of a run, `sequences` of them; returns their paths in order."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, part in enumerate(np.array_split(np.arange(trains),
                                                 sequences)):
        for device in devices:
            device.nsamples = None      # as many as the file has trains
        path = folder / f"RAW-R0012-DA01-S{number:05d}.h5"
        write_file(str(path), devices, len(part), first + int(part[0]),
                   chunksize=16, format_version=format_version)
        paths.append(path)
    return paths


def gotthard_run(folder, adc, sequences=1, gain=None, lost=None, mask=None,
                 pressure=None, first=FIRST, **options):
    """A run with the spectra `adc` (trains, frames, channels).

    `gain` and `mask` of the same shape, `lost` (trains, frames) bool, True
    for frames that were never received, `pressure` (trains,), each where it
    is not the default. The memory cell is 255 in every frame, as the
    receiver of the facility sends it.
    """
    trains, frames, channels = adc.shape
    devices = [Gotthard2(frames, channels, adc.dtype.str[1:])]
    if pressure is not None:
        devices.append(Pressure(MOTOR))
    paths = write_run(folder, devices, trains, sequences, first, **options)
    number = np.arange(frames)
    parts = np.array_split(np.arange(trains), sequences)
    for path, part in zip(paths, parts, strict=True):
        with h5py.File(path, "r+") as file:
            data = file[f"INSTRUMENT/{SOURCE}/data"]
            rows = slice(0, len(part))
            data["adc"][rows] = adc[part]
            data["gain"][rows] = 0 if gain is None else gain[part]
            data["memoryCell"][rows] = 255
            data["frameNumber"][rows] = (number + 1 if lost is None else
                                         np.where(lost[part], 0, number + 1))
            # the train id, as the receiver of the facility sends it
            data["bunchId"][rows] = (first + part)[:, None]
            if mask is not None:
                data["mask"][rows] = mask[part]
            if pressure is not None:
                file[f"CONTROL/{MOTOR}/actualPosition/value"][:] = (
                    pressure[part])
    return folder


def take_away(path, *rows):
    """The source has missed the trains in these rows of a file."""
    with h5py.File(path, "r+") as file:
        for row in rows:
            file[f"INDEX/{SOURCE}/data/count"][row] = 0


def doubt(path, *rows):
    """The data acquisition doubts the train ids of these rows."""
    with h5py.File(path, "r+") as file:
        for row in rows:
            file["INDEX/flag"][row] = 0
