"""Class shares of every train, from a Karabo bridge.

    python read_codes.py tcp://HOST:PORT SOURCE CLASS [CLASS ...]

SOURCE is the output channel of the classifier as the bridge names it, such as
SQS_EXP/CLASSIFIER/1:output; the classes in the order of the model.
"""
import sys

import numpy as np
from karabo_bridge import Client


def shares(fields, classes):
    """{class: share of the pulses with an answer} of one train."""
    label = np.asarray(fields["data.label"])[:int(fields["data.pulseCount"])]
    answered = max(np.count_nonzero(label >= -1), 1)
    return {name: np.count_nonzero(label == number) / answered
            for number, name in enumerate(classes)}


def follow(endpoint, source, classes):
    """Yield (train id, shares) of every train that has codes."""
    with Client(endpoint) as client:
        for data, metadata in client:
            if source in data:
                yield (metadata[source]["timestamp.tid"],
                       shares(data[source], classes))


if __name__ == "__main__":
    for train_id, found in follow(*sys.argv[1:3], sys.argv[3:]):
        print(train_id, *(f"{name} {share:.1%}"
                          for name, share in found.items()), flush=True)
