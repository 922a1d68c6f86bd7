"""How many channels lie in an interval each: rows compared in registers.

A run is `RUN` neighbouring channels. One comparison of a whole run gives a
bit per channel, one instruction counts the bits. No loop leads LLVM there (it
widens and adds up numbers instead, at a tenth of the speed), so the few
operations are handed to it as such; it makes of them what the processor has.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from llvmlite import ir
from numba import types, uintp
from numba.extending import intrinsic
from numpy.typing import NDArray

from .options import kernel

if TYPE_CHECKING:
    from numba.core.base import BaseContext
    from numba.core.typing import Context, Signature

    from ..thresholds.kernel_layouts import Intervals

#: channels per run: one 64-byte register of uint16 words, two of float32
RUN = 32


@intrinsic
def _inside(typing: Context, values: types.Array, at: types.Integer,
            low: types.Array, bound: types.Array,
            run: types.Integer) -> tuple[Signature, Callable[..., ir.Value]]:
    """How many of values[at + j] lie in the interval j of a run.

    j = 0 ... RUN - 1, in place run * RUN + j of `low` and `bound`; three flat
    arrays of one type. float32: low <= value <= bound, never for NaN. uint16:
    value - low < bound, where the difference wraps around at 2^16, so that
    one comparison sees both ends. No index is checked.
    """
    floats = values.dtype == types.float32
    number, size = (ir.FloatType(), 4) if floats else (ir.IntType(16), 2)

    def generate(context: BaseContext, builder: ir.IRBuilder,
                 signature: Signature,
                 arguments: Sequence[ir.Value]) -> ir.Value:
        def load(k: int, place: ir.Value) -> ir.Value:
            array = context.make_array(signature.args[k])(
                context, builder, value=arguments[k])
            vector = ir.VectorType(number, RUN).as_pointer()
            start = builder.gep(array.data, [place])
            return builder.load(builder.bitcast(start, vector), align=size)

        offset = builder.mul(arguments[4],
                             ir.Constant(arguments[4].type, RUN))
        value, first, second = (load(0, arguments[1]), load(2, offset),
                                load(3, offset))
        if floats:
            inside = builder.and_(builder.fcmp_ordered(">=", value, first),
                                  builder.fcmp_ordered("<=", value, second))
        else:
            inside = builder.icmp_unsigned("<", builder.sub(value, first),
                                           second)
        return builder.ctpop(builder.bitcast(inside, ir.IntType(RUN)))

    return types.uint32(values, at, low, bound, run), generate


@kernel
def count(rows: NDArray[np.uint16] | NDArray[np.float32],
          chosen: NDArray[np.intp], start: int, stop: int, table: Intervals,
          votes: NDArray[np.float32]) -> None:
    """Votes (R, B, C) of rows (P, n), compared where they lie.

    Row chosen[r] gives votes[r], r = start ... stop - 1; `table`: a
    `kernel_layouts.Intervals` of the type of `rows`. Four rows at a time share
    what is read of the table. Class 0 has what the others leave.
    """
    flat = rows.reshape(-1)
    channels = rows.shape[1]
    bins, classes = table.start.shape
    low, bound = table.low, table.bound
    for first in range(start, stop, 4):
        r_1, r_2, r_3 = (min(first + 1, stop - 1), min(first + 2, stop - 1),
                         min(first + 3, stop - 1))
        at_0, at_1, at_2, at_3 = (
            uintp(chosen[first] * channels), uintp(chosen[r_1] * channels),
            uintp(chosen[r_2] * channels), uintp(chosen[r_3] * channels))
        for b in range(bins):
            rest_0 = rest_1 = rest_2 = rest_3 = table.length[b]
            for c in range(1, classes):
                n_0 = n_1 = n_2 = n_3 = uintp(table.base[b, c])
                for e in range(uintp(table.start[b, c]),
                               uintp(table.stop[b, c])):
                    i = table.channel[e]
                    n_0 += _inside(flat, at_0 + i, low, bound, e)
                    n_1 += _inside(flat, at_1 + i, low, bound, e)
                    n_2 += _inside(flat, at_2 + i, low, bound, e)
                    n_3 += _inside(flat, at_3 + i, low, bound, e)
                votes[first, b, c] = n_0
                votes[r_1, b, c] = n_1
                votes[r_2, b, c] = n_2
                votes[r_3, b, c] = n_3
                rest_0 -= np.int64(n_0)
                rest_1 -= np.int64(n_1)
                rest_2 -= np.int64(n_2)
                rest_3 -= np.int64(n_3)
            votes[first, b, 0] = rest_0
            votes[r_1, b, 0] = rest_1
            votes[r_2, b, 0] = rest_2
            votes[r_3, b, 0] = rest_3
