"""A run whose trains are joined with a second module, a monitor or the bunch
pattern.
"""
import hashlib
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.decision.beam_state import Beam, beam_of
from ...core.preprocessing.detector_modules import join_modules
from ...core.trains.bunch_pattern import (
    BRANCHES,
    NO_LASER,
    BunchPattern,
    FramePulses,
    FrameRule,
    Frames,
    assign,
    from_decoder,
    from_table,
)
from ...errors import DataFileError, InputError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from .run_opening import explained
from .runs import RunOptions, RunSource, RunValues


def run_source(path: AnyPath,
               options: RunOptions | None = None) -> "RunSource | JoinedRun":
    """Open the trains of a run.

    Returns
    -------
    RunSource or JoinedRun
        The latter for options that name a follower, a monitor or a bunch
        pattern.
    """
    if options is not None and options != options.alone:
        return JoinedRun(path, options)
    return RunSource(path, options)


class _Patterns:
    """Bunch patterns of a run, from a time server or a decoder."""

    def __init__(self, path: AnyPath, source: str, branch: str) -> None:
        self._branch = branch
        if branch not in BRANCHES:
            raise DataFileError(f"branch {branch!r}: use one of "
                                f"{', '.join(BRANCHES)}")
        node = f"sase{BRANCHES[branch]}"
        # a channel has a colon in its name; a decoder has properties
        keys = (["data.bunchPatternTable"] if ":" in source else
                [f"{node}.pulseIds.value", f"{node}.nPulses.value"])
        self._values = [RunValues(path, source, key) for key in keys]

    def of_train(self, train_id: int) -> BunchPattern | None:
        """The pulses of a train, None where it has no entry."""
        found = [value for values in self._values
                 if (value := values.of_train(train_id)) is not None]
        if len(found) < len(self._values):
            return None
        if len(found) == 1:
            return from_table(found[0], self._branch, NO_LASER)
        return from_decoder(*found)


class JoinedRun:
    """Trains of two modules, of a source with a monitor, with their pulses.

    Has the interface of `RunSource` and the attributes of the leader;
    `channels` counts those of both modules. Trains are matched by their id:
    one that the follower has missed cannot be used.
    """
    files: tuple[str, ...] | None = None

    def __init__(self, path: AnyPath, options: RunOptions) -> None:
        alone = options.alone
        self._leader = leader = RunSource(path, alone)
        self._follower: RunSource | None = None
        self._monitor: RunValues | None = None
        self.options = options
        self.path, self.source = leader.path, leader.source
        self.train_ids, self.pulses = leader.train_ids, leader.pulses
        self.first, self.suspect = leader.first, leader.suspect
        self.selection, self.left_out = leader.selection, leader.left_out
        self.calibrated, self.dtype = leader.calibrated, leader.dtype
        self.channels = leader.channels
        if options.follower:
            self._follower = RunSource(path, replace(
                alone, source=options.follower, trains=""))
            self.channels += self._follower.channels
            self._rows = {train_id: row for row, train_id in enumerate(
                self._follower.train_ids.tolist())}
            self._check_modules(self._follower)
        if options.monitor:
            self._monitor = RunValues(path, options.monitor,
                                      options.monitor_key)
        self.monitored = bool(options.monitor)
        self._pattern = (_Patterns(path, options.pattern, options.branch)
                         if options.pattern else None)
        self._rule = FrameRule(Frames(options.frames), options.first_place,
                               options.place_step)

    def __len__(self) -> int:
        return len(self._leader)

    def _check_modules(self, follower: RunSource) -> None:
        if follower.calibrated != self._leader.calibrated:
            raise DataFileError(
                f"{self.path}: {self.source} and {self.options.follower} are "
                "not both raw or both corrected")

    def arrays(self, position: int) -> dict[str, NDArray[Any]]:
        """As `RunSource.arrays`, of both modules."""
        arrays = self._leader.arrays(position)
        if self._follower is None:
            return arrays
        row = self._rows.get(int(self.train_ids[position]))
        if row is None or (self._leader.pulses[position]
                           and not self._follower.pulses[row]):
            raise InputError(f"{self.options.follower} has missed this "
                             "train: there is only half of the spectra")
        return join_modules(arrays, self._follower.arrays(row),
                            self.options.follower_join)

    def indices(self, position: int) -> NDArray[np.int64]:
        """As `RunSource.indices`."""
        return self._leader.indices(position)

    def values(self, source: str, key: str) -> NDArray[np.float64]:
        """As `RunSource.values`."""
        return self._leader.values(source, key)

    def beam(self, position: int) -> Beam | None:
        """The beam of a train, None where the monitor has missed it."""
        if self._monitor is None:
            return None
        with explained(self.path):
            energies = self._monitor.of_train(int(self.train_ids[position]))
        if energies is None:
            return None
        index = None
        if self._pattern is not None:
            try:
                machine = self.machine(position)
            except InputError:
                machine = None
            if machine is None:     # then they belong to no pulse
                return None
            index = machine.index
        return beam_of(int(self.pulses[position]), energies,
                       self.options.min_energy, index=index)

    def machine(self, position: int) -> FramePulses | None:
        """As in `TrainSource`."""
        if self._pattern is None:
            return None
        with explained(self.path):
            pattern = self._pattern.of_train(int(self.train_ids[position]))
        return None if pattern is None else assign(
            pattern, int(self.pulses[position]), self._rule)

    @cached_property
    def provenance(self) -> JsonObject:
        """As of `RunSource`; the checksum covers both modules."""
        record = dict(self._leader.provenance)
        sums = [record["sha256"]]
        if self._follower is not None:
            record["follower"] = self._follower.provenance
            sums.append(record["follower"]["sha256"])
        digest = hashlib.sha256("|".join(sums).encode())
        return record | {"options": asdict(self.options),
                         "sha256": digest.hexdigest()}

    @property
    def state(self) -> str:
        """As of `RunSource`, of both modules."""
        follower = "" if self._follower is None else self._follower.state
        return self._leader.state + follower
