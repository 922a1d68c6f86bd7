"""The way of the trains through a device.

Input handler -> bounded queue -> worker thread -> one task that accounts,
decides and publishes, in order. A second task looks at the clock.
"""

#: s between two looks at the clock, or a quarter of a shorter staleAfter
WATCH_PERIOD = 0.1
#: s between two updates of what changes slowly
SLOW_PERIOD = 0.5
#: marks a reset in the order of what the worker delivers
RESET = object()
