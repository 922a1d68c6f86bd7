"""One spectrum at a time: quality, and steps where there is no baseline."""
import numpy as np

from .options import kernel, sum_kernel


@sum_kernel
def _scan_words(values):
    """(sum, largest) of uint16 values."""
    total = np.uint32(0)
    high = np.uint16(0)
    for i in range(len(values)):
        total = np.uint32(total + np.uint32(values[i]))
        high = max(high, values[i])
    return total, high


@sum_kernel
def _scan_floats(values):
    """(sum, largest) of float32 values; the sum in float64."""
    total = np.float64(0)
    high = np.float32(-np.inf)
    for i in range(len(values)):
        total += np.float64(values[i])
        high = max(high, values[i])
    return total, high


@kernel
def assess_words(raw, first, last, starts, stops, mean, highest):
    """Mean and largest raw value over valid strips of uint16 rows.

    Valid strips are the runs starts[j] ... stops[j] - 1, each shorter than
    2^16; `mean`, `highest` (P,) float64.
    """
    valid = (stops - starts).sum()
    for row in range(first, last):
        mean[row] = 0.
        highest[row] = 0.
        for run in range(len(starts)):
            total, high = _scan_words(raw[row, starts[run]:stops[run]])
            mean[row] += total
            highest[row] = max(highest[row], np.float64(high))
        mean[row] /= valid


@kernel
def assess_floats(raw, first, last, starts, stops, mean, highest):
    """The same for float32 rows.

    `mean` is NaN or Inf exactly where a value is; `highest` means nothing
    there.
    """
    valid = (stops - starts).sum()
    for row in range(first, last):
        mean[row] = 0.
        highest[row] = -np.inf
        for run in range(len(starts)):
            total, high = _scan_floats(raw[row, starts[run]:stops[run]])
            mean[row] += total
            highest[row] = max(highest[row], np.float64(high))
        mean[row] /= valid


@sum_kernel
def _reached(values, steps):
    """How many values are at or above the step of their channel."""
    count = np.int32(0)
    for i in range(len(values)):
        count = np.int32(count + np.int32(values[i] >= steps[i]))
    return count


@sum_kernel
def _passed(words, steps):
    """How many words lie above the step of their channel.

    Counted in 16 bits, for as many words per register as they have; a bin
    has less than 2^16 channels.
    """
    count = np.uint16(0)
    for i in range(len(words)):
        count = np.uint16(count + np.uint16(words[i] > steps[i]))
    return np.int32(count)


@kernel
def count_words(raw, rows, start, stop, slots, votes):
    """Votes (R, B, C) of raw uint16 rows, compared in place.

    `slots`: a `thresholds.Slots` of uint16 words.
    """
    for r in range(start, stop):
        row = raw[rows[r]]
        for b in range(votes.shape[1]):
            a, z = slots.start[b], slots.stop[b]
            votes[r, b, 0] = z - a
            for c in range(1, votes.shape[2]):
                count = slots.base[b, c]
                first = slots.first[b, c]
                for k in range(slots.used[b, c]):
                    passed = _passed(row[a:z],
                                     slots.steps[first + k, :z - a])
                    count += passed if k % 2 == 0 else -passed
                votes[r, b, c] = count
                votes[r, b, 0] -= count


@kernel
def _count_floats(row, slots, votes):
    """Votes (B, C) of one preprocessed float32 row."""
    for b in range(votes.shape[0]):
        a, z = slots.start[b], slots.stop[b]
        votes[b, 0] = z - a
        for c in range(1, votes.shape[1]):
            count = slots.base[b, c]
            first = slots.first[b, c]
            for k in range(slots.used[b, c]):
                reached = _reached(row[a:z], slots.steps[first + k, :z - a])
                count += reached if k % 2 == 0 else -reached
            votes[b, c] = count
            votes[b, 0] -= count


@kernel
def count_floats(spectra, rows, start, stop, slots, votes):
    """Votes (R, B, C) of preprocessed float32 rows."""
    for r in range(start, stop):
        _count_floats(spectra[rows[r]], slots, votes[r])


@sum_kernel
def _dot(a, b):
    total = np.float32(0)
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@kernel
def correct(raw, row, run, y):
    """Row `row` minus dark, masked strips bridged, into y (n,) float32."""
    for i in range(len(y)):
        y[i] = np.float32(raw[row, i]) - run.dark[i]
    for hole in range(len(run.holes)):
        part = run.share[hole]
        y[run.holes[hole]] = np.float32(
            (1 - part) * np.float64(y[run.left[hole]])
            + part * np.float64(y[run.right[hole]]))


@kernel
def pointwise(raw, rows, start, stop, run, y, slots, vote, votes, norms,
              projections):
    """What `blocks.pointwise` gives, without baseline and normalisation.

    `slots`: a `thresholds.Slots` of float32 intensities, used if `vote`;
    else only s.s and s.r_c are wanted; `y` (n,) scratch.
    """
    for r in range(start, stop):
        correct(raw, rows[r], run, y)
        if vote:
            _count_floats(y, slots, votes[r])
        norms[r] = _dot(y, y)
        for c in range(projections.shape[1]):
            projections[r, c] = _dot(y, run.references[c])
