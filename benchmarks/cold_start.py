"""From the start of a process to classified trains, compiled before or not.

    python benchmarks/cold_start.py [--model gotthard2-ramp] [--pulses 2700]
        [--cache DIRECTORY] [--json FILE]

A process of its own loads the model as a classifier does at its start, while
trains of uint16 come 10 times a second into its queue of 20. Reports the
seconds from the start of the process to the first classified train and to the
first of the compiled engine, the trains, pulses and fates until then, and the
points in which the codes differ from those of the numpy reference. Without
`--cache` nothing is compiled. No device server: that adds the seconds of
Karabo's imports.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter

AFTER = 20      # trains of the compiled engine
PERIOD = 0.1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="gotthard2-ramp")
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--cache")
    parser.add_argument("--json")
    parser.add_argument("--begun", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.begun is not None:
        print(json.dumps(measured(options)))
        return
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [sys.executable, __file__, "--model", options.model,
             "--pulses", str(options.pulses), "--begun", str(time.time())],
            env=os.environ | {"NUMBA_CACHE_DIR": options.cache or empty},
            check=True, text=True, stdout=subprocess.PIPE)
    print(done.stdout, end="")
    if options.json:
        with open(options.json, "w") as file:
            file.write(done.stdout)


def measured(options):
    """The report of a process that has just started."""
    import threading

    import numpy as np

    from spectra_classifier.core.spectra import Code, make_train
    from spectra_classifier.devices.classifier_base import proposed_values
    from spectra_classifier.devices.spectra_classifier.device import (
        SpectraClassifier,
    )
    from spectra_classifier.live.configuration.configuration import build
    from spectra_classifier.live.configuration.live_model import (
        load_at_once,
    )
    from spectra_classifier.live.processor import Processor
    from spectra_classifier.live.queue_worker import Worker
    from spectra_classifier.live.records import Fate, Incoming
    from spectra_classifier.model.engines import make_engine
    from spectra_classifier.model.released import find_model

    imported = time.time() - options.begun
    live = load_at_once(str(find_model(options.model)), "fused", 1)
    loaded = time.time() - options.begun
    values = proposed_values.default_values(SpectraClassifier)
    configuration = build(values, live)
    references = np.asarray(live.definition.references)
    random = np.random.default_rng(11)
    chosen = random.integers(len(references), size=options.pulses)
    spectra = (references[chosen] * 2000 / references.max()
               + random.normal(300, 3, (options.pulses, references.shape[1]))
               ).clip(0).astype(np.uint16)
    processor, found, finished = Processor(), [], threading.Event()
    processor.patience = values.get("load.degradeAfter", 250.) / 1e3
    compiled = [0]

    def deliver(outcome):
        now, name = time.time() - options.begun, live.engine.name
        label = None if outcome.result is None else outcome.result.label
        found.append((now, outcome, label, name))
        worker.queue.settle()
        worker.done()
        compiled[0] += name == "fused" and outcome.fate is Fate.CLASSIFIED
        if compiled[0] >= AFTER:
            finished.set()

    worker = Worker(processor, deliver, 20)
    worker.start()
    sent, begin = 0, time.monotonic()
    while not finished.is_set():
        now = time.monotonic()
        sent += 1
        processor.pacer.arrived(now)
        over = worker.queue.put_train(
            Incoming(sent, options.pulses, now, arrays={"data": spectra}),
            configuration)
        assert over is None
        finished.wait(max(begin + sent * PERIOD - time.monotonic(), 0))
    while sum(worker.queue.in_flight()):
        time.sleep(PERIOD / 10)
    expected = make_engine(live.loaded, "numpy").classify(
        make_train(1, spectra), configuration.settings).label
    classified = [(now, label, name) for now, outcome, label, name in found
                  if outcome.fate is Fate.CLASSIFIED]
    wrong = examined = 0
    for _, label, _ in classified:
        examined_here = label != Code.SKIPPED
        examined += int(examined_here.sum())
        wrong += int((label != expected)[examined_here].sum())
    return {
        "imports, s": round(imported, 2), "model ready, s": round(loaded, 2),
        "first classified, s": round(classified[0][0], 2),
        "first compiled, s": round(next(
            now for now, _, name in classified if name == "fused"), 2),
        "trains sent": sent, "trains accounted": len(found),
        "fates": Counter(o.fate.name.lower() for _, o, _, _ in found),
        "pulses sent": sent * options.pulses, "pulses examined": examined,
        "pulses in skipped trains": options.pulses * (
            len(found) - len(classified)),
        "pulses skipped in classified trains":
            options.pulses * len(classified) - examined,
        "codes unlike the reference": wrong}


if __name__ == "__main__":
    main()
