"""What keeps two threads of the engine from twice the speed of one.

    python benchmarks/engine/two_threads.py [--rounds 30] [--channels 1280]

In turns, wall time of a train of 2700 pulses: one thread; two threads; two
processes that classify a train each at the same time, and share nothing but
the machine; and multiply-adds on registers by two threads. Prints gains over
one thread, median with 5 and 95 % of the rounds: what two processes do not
gain either, memory and host do not give; the rest is what a train waits for
one thread alone, of which the stages on the page of benchmarks have the
sizes (*decision*, *quality*).
"""
import argparse
import multiprocessing
import time

import numpy as np

from spectra_classifier.cli.benchmark import limits, workload
from spectra_classifier.cli.benchmark.cases import preprocessing
from spectra_classifier.cli.benchmark.clock import keep_memory
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train

LAM = 1e5
#: trains in a turn
TRAINS = 5


def prepared(channels, threads):
    """A function that classifies `TRAINS` trains."""
    keep_memory()
    dark = workload.dark(channels)
    train = make_train(1, workload.counts(workload.PULSES, channels, dark))
    engine = FusedEngine(workload.model(
        channels, preprocessing(LAM).baseline), threads)
    settings = Settings(dark=dark)

    def classify():
        for _ in range(TRAINS):
            engine.classify(train, settings)

    classify()
    return classify


def serve(pipe, channels):
    """Process: a turn for every message."""
    classify = prepared(channels, 1)
    pipe.send("ready")
    while pipe.recv():
        classify()
        pipe.send("done")


def wall(work):
    """Seconds of a call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--channels", type=int, default=1280)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    pipes, workers = [], []
    for _ in range(2):
        mine, other = context.Pipe()
        workers.append(context.Process(
            target=serve, args=(other, arguments.channels), daemon=True))
        workers[-1].start()
        mine.recv()
        pipes.append(mine)

    def both():
        for pipe in pipes:
            pipe.send(True)
        for pipe in pipes:
            pipe.recv()

    one, two = (prepared(arguments.channels, threads) for threads in (1, 2))
    bare = [limits.arithmetic(threads) for threads in (1, 2)]
    rounds = [[wall(work) for work in (one, two, both, *bare)]
              for _ in range(arguments.rounds)]
    one, two, both, *bare = np.transpose(rounds)
    for name, gain in (("two threads", one / two),
                       ("two processes", 2 * one / both),
                       ("bare arithmetic", 2 * bare[0] / bare[1])):
        low, middle, high = np.percentile(gain, [5, 50, 95])
        print(f"{name}: {middle:.2f} ({low:.2f} to {high:.2f})")
    for pipe in pipes:
        pipe.send(False)


if __name__ == "__main__":
    main()
