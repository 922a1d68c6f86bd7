"""Compiled inner loops of the fused engine; `fused_engine` puts them together.

Spectra travel in blocks of `LANES`, one spectrum per SIMD lane: a block is a
flat array [channel][lane], so that recurrences along the channels run for
all lanes at once. LLVM vectorises such loops over lanes when the lane loop
is innermost, indices are unsigned and divisions may not raise; hence the
style of these modules. Loops over `len(step)` unroll because the length of
a tuple is known at compile time.
"""
