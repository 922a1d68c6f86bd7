"""What the machine reports about the pulses of a train, without a machine."""
from dataclasses import dataclass

import euxfel_bunch_pattern as definitions
import numpy as np
from numpy.typing import NDArray

from ..core.decision.beam_state import FILLING
from ..core.trains.bunch_pattern import BRANCHES, LASERS

#: places of a table, and values of a gas monitor, for every train
PLACES, VALUES = 2700, 1000
#: destination and deflection of the pulses of a branch
_TO = {"SA1": definitions.DESTINATION_T4D,
       "SA2": definitions.DESTINATION_T5D,
       "SA3": (definitions.DESTINATION_T4D
               | definitions.PHOTON_LINE_DEFLECTION)}
#: charge of a bunch, 0.25 nC
_CHARGE = 8


@dataclass(frozen=True)
class Pulses:
    """Evenly spaced places of a table: `first`, `first + step`, ..."""
    first: int = 0
    step: int = 1
    count: int = 0

    @property
    def places(self) -> NDArray[np.int64]:
        """(count,) places; those behind the table are left out."""
        places = self.first + self.step * np.arange(self.count)
        return places[places < PLACES]


def bunch_table(branch: str, xray: Pulses, laser_name: str,
                laser: Pulses) -> NDArray[np.uint32]:
    """Return the table (PLACES,) of a train.

    Bunches between the first and the last X-ray pulse that go to no branch
    end in the main dump, as at the facility.

    Parameters
    ----------
    branch, laser_name
        One of `BRANCHES`, one of `LASERS`.
    laser
        As the table has it: from place 0 on, whenever its pulses come.
    """
    table = np.zeros(PLACES, np.uint32)
    places = xray.places
    if len(places):
        table[places[0]:places[-1] + 1] = (
            definitions.DESTINATION_TLD | _CHARGE)
        table[places] = _TO[branch] | _CHARGE
    table[laser.places] |= np.uint32(LASERS[laser_name])
    return table


def decoded(table: NDArray[np.uint32],
            laser_name: str) -> dict[str, NDArray[np.bool_]]:
    """Return {node of a pulse pattern decoder: places that it lists}."""
    found = {f"sase{number}": definitions.is_sase(table, number)
             for number in BRANCHES.values()}
    found["maindump"] = definitions.is_destination(
        table, definitions.DESTINATION_TLD)
    found["laser"] = (table & np.uint32(LASERS[laser_name])) != 0
    return found


def monitor_values(pulses: int, energy: float, spread: float,
                   random: np.random.Generator) -> NDArray[np.float32]:
    """Return the (VALUES,) energies that a gas monitor sends.

    One for each X-ray pulse, and behind them 1.

    Parameters
    ----------
    energy, spread
        Mean in uJ, and standard deviation as a share of it.
    """
    values = np.full(VALUES, FILLING, np.float32)
    pulses = min(pulses, VALUES)
    values[:pulses] = energy * np.maximum(
        random.normal(1., spread, pulses), 0.)
    return values
