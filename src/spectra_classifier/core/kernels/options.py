"""How all kernels are compiled, and the width of a block."""
import numpy as np

#: spectra per block
LANES = 32
#: the same as an unsigned index: signed ones keep LLVM from vectorising
WIDTH = np.uintp(LANES)

#: no parallel=True: the workqueue layer aborts when two threads call it.
#: error_model numpy: a division that may raise is not vectorised.
OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy",
           "fastmath": {"contract", "nsz"}, "boundscheck": False}

#: for sums along channels of one spectrum, whose order is ours to choose
SUMS = OPTIONS | {"fastmath": {"contract", "nsz", "reassoc"}}
