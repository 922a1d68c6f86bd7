"""What ten times the pulses, ten modules, a hundred instruments would take.

    python benchmarks/offline/scale.py

writes docs/scale.md from what was measured: by `classify_run.py --record`
(benchmarks/offline/record.json; it writes the page as well), and by this
script, which times how Karabo packs and unpacks a train, and the disk.
"""
import json
import time
from pathlib import Path

import numpy as np
from disk import disk
from karabo.middlelayer import (
    Configurable,
    Hash,
    NDArray,
    UInt16,
    decodeBinary,
    encodeBinary,
)

HERE = Path(__file__).resolve().parent
RECORD = HERE / "record.json"
TEMPLATE = HERE / "scale_template.md"
PAGE = HERE.parents[1] / "docs" / "scale.md"
#: trains a second, pulses in each, channels, bytes of a raw word
RATE, PULSES, CHANNELS, WORD = 10, 2700, 1280, 2
ROUNDS = 20


class Matrix(Configurable):
    value = NDArray(dtype=UInt16, shape=(0, 0))


def packing():
    """(bytes, s to pack, s to unpack) of one train, medians."""
    matrix = Matrix()
    matrix.value = np.zeros((PULSES, CHANNELS), np.uint16)
    data = Hash("data.adc", matrix.configurationAsHash()["value"])
    pack, unpack = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        packed = encodeBinary(data)
        middle = time.perf_counter()
        decodeBinary(packed)
        pack.append(middle - start)
        unpack.append(time.perf_counter() - middle)
    return len(packed), float(np.median(pack)), float(np.median(unpack))


def output_bytes(max_pulses=2720, max_classes=8):
    """Bytes of the channel `output` per train: fixed shapes."""
    per_pulse = 1 + 4 + 4 * max_classes * 2 + 4 + 4 + 8
    return max_pulses * per_pulse


def page():
    """The page as text."""
    run = json.loads(RECORD.read_text())
    size, pack, unpack = packing()
    stored, fetched = disk(HERE)
    pulse = run["cpu_seconds"] / run["pulses"]
    beam = RATE * PULSES
    raw = beam * CHANNELS * WORD
    wire = size / (pack + unpack)
    result = run["result_gib"] * 1024**3 / run["pulses"]
    return TEMPLATE.read_text().format(
        pulses=run["pulses"], cores=run["cores"], threads=run["threads"],
        rate=run["pulses_per_second"], seconds=run["seconds"],
        pulse=1e6 * pulse, load=beam * pulse,
        busy=run["load_of_the_machine"],
        memory=run["peak_memory_gib"], bound=run["bound_by"],
        share=run["classified_share"], cache=run["cache"], result=result,
        stored=stored / 1e6, fetched=fetched / 1e6,
        disk_load=beam * result / stored,
        ten_disk=10 * raw / fetched,
        pack=1e3 * pack, unpack=1e3 * unpack,
        raw=raw / 1e6, out=RATE * output_bytes() / 1e6,
        ten_load=10 * beam * pulse, ten_raw=10 * raw / 1e9,
        ten_wire=10 * raw / wire, workers=int(np.ceil(
            10 * beam * (pulse + CHANNELS * WORD / wire))),
        hundred_load=100 * beam * pulse, hundred_raw=100 * raw / 1e9,
        hundred_out=100 * RATE * output_bytes() / 1e6,
        hour=3600 * beam * result / 1e9)


def write():
    """Writes docs/scale.md."""
    PAGE.write_text(page())


if __name__ == "__main__":
    write()
