"""What it costs to put a train of the channel `output` together.

    python benchmarks/output_fields.py [--trains 300]

The same fields (2700 pulses, 8 classes) are set at Karabo's schema of the
channel and read from it, or turned into what is sent one by one
(`publisher.set_field`), alternately in one process; both are encoded as for
one receiver. Printed are medians of CPU time, with the 5 and 95 % quantiles.
"""
import argparse
import time

import numpy as np
from karabo.middlelayer import Hash
from karabo.native import encodeBinary

from spectra_classifier.devices.classifier_base.output_channel import (
    output_channel,
)
from spectra_classifier.devices.classifier_base.publisher import set_field

PULSES, CLASSES = 2700, 8
FIELDS = output_channel(PULSES, CLASSES).cls.schema.cls.data.cls


def values():
    """A value of the right type for every field."""
    made = {}
    for key in FIELDS._allattrs:
        descriptor = getattr(FIELDS, key)
        kind = type(descriptor).__name__
        if kind == "NDArray":
            shape = tuple(int(size) for size in descriptor.shape)
            made[key] = np.zeros(shape, np.float32)
        elif "Vector" in kind:
            made[key] = np.zeros(int(descriptor.minSize),
                                 descriptor.basetype.numpy)
        else:
            made[key] = {"String": "text", "Bool": True,
                         "Double": 0.5}.get(kind, 3)
    return made


def by_the_schema(fields):
    node = FIELDS()
    for key, value in fields.items():
        setattr(node, key, value)
    return node.configurationAsHash()


def one_by_one(fields):
    data = Hash()
    for key, value in fields.items():
        set_field(data, getattr(FIELDS, key), value)
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, default=300)
    trains, fields = parser.parse_args().trains, values()
    spent = {by_the_schema: [], one_by_one: []}
    for _ in range(trains):
        for way, times in spent.items():
            before = time.process_time_ns()
            encodeBinary(way(fields))
            times.append((time.process_time_ns() - before) / 1e6)
    for way, times in spent.items():
        low, middle, high = np.quantile(times, [0.05, 0.5, 0.95])
        print(f"{way.__name__.replace('_', ' ')}: {middle:.2f} ms "
              f"({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
