"""What a train costs a `PeakMonitor`: CPU time of 2700 x 1280 uint16.

    python benchmarks/exploration/peak_cost.py [--trains 20]

Four pulse patterns and four regions with a line each; without a broker.
"""
import argparse
import time
from types import SimpleNamespace

import numpy as np
from karabo.middlelayer import Hash

from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.spectra import Axis
from spectra_classifier.devices.common.pulse_reader import Source
from spectra_classifier.devices.peak_monitor.measuring import Measuring
from spectra_classifier.exploration.peak_watch import Region

PULSES, CHANNELS, COUNT = 2700, 1280, 4
#: number of uint16 arrays in Karabo's data
UINT16 = 11


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=20)
    trains = parser.parse_args().trains
    axis = Axis.channels(CHANNELS)
    middles = 140 + 200 * np.arange(COUNT)
    lines = 300 * np.exp(-0.5 * ((axis.values - middles[:, None]) / 9) ** 2)
    spectra = np.random.default_rng(1).poisson(
        20 + lines.sum(axis=0), (PULSES, CHANNELS)).astype("<u2")
    data = Hash()
    data["data.adc"] = Hash(
        "data", spectra.tobytes(), "shape",
        np.array(spectra.shape, np.uint64), "type", UINT16)
    measuring = Measuring(
        Source(), SimpleNamespace(axis=axis, drift=None, untaught=(),
                                  classes=("a", "b")),
        tuple(PulsePattern(str(k), k, COUNT) for k in range(COUNT)),
        tuple(Region(str(middle), middle - 40., middle + 40.)
              for middle in middles), 0.2)
    measuring.measure(0, data)
    spent = []
    for number in range(trains):
        begin = time.process_time()
        measuring.measure(number, data)
        spent.append(1e3 * (time.process_time() - begin))
    low, middle, high = np.quantile(spent, [0.1, 0.5, 0.9])
    print(f"CPU ms a train: {middle:.1f} (10 to 90 %: {low:.1f} to "
          f"{high:.1f})")


if __name__ == "__main__":
    main()
