"""A run whose trains are joined with a second module or a monitor."""
import hashlib
from dataclasses import asdict, replace
from functools import cached_property

from ...core.decision.beam_state import beam_of
from ...core.preprocessing.detector_modules import join_modules
from ...errors import DataFileError, InputError
from .run_opening import explained
from .runs import RunSource, RunValues


def run_source(path, options=None):
    """The trains of a run: a `RunSource`, or a `JoinedRun` of options that
    name a follower or a monitor."""
    if options is not None and (options.follower or options.monitor):
        return JoinedRun(path, options)
    return RunSource(path, options)


class JoinedRun:
    """Has the interface of `RunSource`, which it is for the leader.

    `channels` counts those of both modules. Trains are matched by their id:
    one that the follower has missed cannot be used.
    """

    def __init__(self, path, options):
        alone = replace(options, follower="", monitor="")
        self._leader = RunSource(path, alone)
        self._follower = self._monitor = None
        self.options = options
        self.channels = self._leader.channels
        if options.follower:
            self._follower = RunSource(path, replace(
                alone, source=options.follower, trains=""))
            self.channels += self._follower.channels
            self._rows = {train_id: row for row, train_id in enumerate(
                self._follower.train_ids.tolist())}
            self._check_modules()
        if options.monitor:
            self._monitor = RunValues(path, options.monitor,
                                      options.monitor_key)
        self.monitored = bool(options.monitor)

    def __getattr__(self, name):
        return getattr(self._leader, name)

    def __len__(self):
        return len(self._leader)

    def _check_modules(self):
        if self._follower.calibrated != self._leader.calibrated:
            raise DataFileError(
                f"{self.path}: {self.source} and {self.options.follower} are "
                "not both raw or both corrected")

    def arrays(self, position):
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

    def beam(self, position):
        """The `Beam` of a train, None where the monitor has missed it."""
        with explained(self.path):
            energies = self._monitor.of_train(int(self.train_ids[position]))
        if energies is None:
            return None
        return beam_of(int(self.pulses[position]), energies,
                       self.options.min_energy)

    @cached_property
    def provenance(self):
        """As of `RunSource`; the checksum stands for both modules."""
        record = dict(self._leader.provenance)
        sums = [record["sha256"]]
        if self._follower is not None:
            record["follower"] = self._follower.provenance
            sums.append(record["follower"]["sha256"])
        digest = hashlib.sha256("|".join(sums).encode())
        return record | {"options": asdict(self.options),
                         "sha256": digest.hexdigest()}
