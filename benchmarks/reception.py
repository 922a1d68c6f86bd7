"""What receiving a train costs: Karabo's input, and ours.

    python benchmarks/reception.py [--pulses 2700] [--channels 4023]
        [--rounds 30]

A second process sends chunks of the pipeline over loopback, as an output
channel does; both ways of reading take turns. Prints CPU milliseconds of the
receiving thread for reading and for decoding, medians with 5 and 95 %.
"""
import argparse
import asyncio
import multiprocessing
import time
from struct import pack

import numpy as np
from karabo.middlelayer import Hash, decodeBinary, encodeBinary
from karabo.middlelayer.pipeline import Channel

from spectra_classifier.cli.benchmark.clock import keep_memory
from spectra_classifier.devices.karabo_patches.zero_copy_input import (
    ChunkReader,
    decoder,
)

#: number of the type float32 in a Karabo NDArray
FLOAT = 22
LOOPBACK = "127.0.0.1"


def chunk(pulses, channels):
    """The bytes of one train."""
    values = np.zeros((pulses, channels), np.float32)
    return encodeBinary(Hash("data.adc", Hash(
        "type", np.int32(FLOAT), "shape", np.array(values.shape, np.uint64),
        "isBigEndian", False, "data", bytearray(values))))


def send(pipe, pulses, channels):
    """Process: a chunk for every byte that comes in."""
    sent = chunk(pulses, channels)

    async def answer(reader, writer):
        while await reader.read(1):
            writer.write(pack(Channel.sizeCode, len(sent)))
            writer.write(sent)
            await writer.drain()
        writer.close()

    async def serve():
        server = await asyncio.start_server(answer, LOOPBACK, 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def receive(port, rounds):
    """{way: (rounds, 2) CPU seconds of reading and decoding}."""
    # as Karabo connects
    reader, writer = await asyncio.open_connection(LOOPBACK, port,
                                                   limit=2 ** 22)
    channel = Channel(reader, writer)
    ways = {"Karabo": (channel.readBytes, decodeBinary),
            "ours": (ChunkReader(channel), decoder())}
    found = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (read, decode) in ways.items():
            writer.write(b"x")
            begin = time.thread_time()
            data = await read()
            between = time.thread_time()
            decode(data[0:len(data)])
            found[way].append((between - begin,
                               time.thread_time() - between))
    writer.close()
    return {way: np.array(seconds) for way, seconds in found.items()}


def main():
    """Prints a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--channels", type=int, default=4023)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    keep_memory()
    here, there = multiprocessing.Pipe()
    sender = multiprocessing.Process(
        target=send, args=(there, options.pulses, options.channels),
        daemon=True)
    sender.start()
    found = asyncio.run(receive(here.recv(), options.rounds))
    sender.terminate()
    for way, seconds in found.items():
        parts = [*seconds.T, seconds.sum(axis=1)]
        print(f"{way:6}", *(
            "{} {:.1f} ({:.1f}-{:.1f}) ms".format(name, *np.percentile(
                1e3 * part, (50, 5, 95)))
            for name, part in zip(("reading", "decoding", "both"), parts,
                                  strict=True)))


if __name__ == "__main__":
    main()
