"""Where the arrays of a train are in the data of a source.

The same for live data, for recorded runs and for the trainer. A preset holds
all paths of one kind of source; decision 33 names what each is learned from.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Paths of the arrays in the data of the source; "" where there is none.

    By default those of the receiver of a Gotthard-II.

    Attributes
    ----------
    data
        Spectra, [pulses, channels], or [channels] for a single pulse.
    mask
        Not 0 where a strip is bad.
    pulse_id
        Ids of the pulses; without, the position in the train.
    valid, frame_number
        0 for a frame that is bad, or that was never received.
    gain
        Gain stage of every strip.
    calibrated
        Counts are corrected per strip and gain stage, so that switched strips
        are valid.
    """
    data: str = "data.adc"
    mask: str = ""
    pulse_id: str = ""
    valid: str = ""
    gain: str = "data.gain"
    frame_number: str = "data.frameNumber"
    calibrated: bool = False


RECEIVER = "gotthard2 receiver"
#: name: all paths of that kind of source
PRESETS = {
    RECEIVER: Layout(),
    "gotthard2 corrected": Layout(mask="data.mask", calibrated=True),
    "image to spectrum": Layout("data.spectrum", gain="", frame_number=""),
    "generic": Layout(gain="", frame_number=""),
}
