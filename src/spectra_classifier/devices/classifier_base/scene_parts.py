"""Cards that classifier and collector share."""
from collections.abc import Sequence

from karabo.common.scenemodel.api import DisplayLabelModel

from ...colours import CODES, NO_PERMIT, PAPER, PERMIT
from ...core.decision.presence import BEAM, NO_BEAM, SAMPLE_GONE
from ...core.spectra import Code
from ..common.scene_page import LINE, PAD, ROW, TOP, Area, Page
from ..common.scene_tiles import TALL, class_tile, text_tile

#: the reason that `core.decision` gives with a permit, and with no other
ALL_HOLD = "all conditions hold"
#: height of the first row of cards
CARD_HEIGHT = 310


def state_name(area: Area, line: float = 0, height: int = TALL,
               size: int = 36) -> None:
    """The sample state in its colour and in words, over the whole width."""
    x, y, width = area.place(line)
    class_tile(area.page, "sampleStateIndex", x, y, 40, height)
    area.page.add(DisplayLabelModel, "sampleState", x + 40 + PAD, y,
                  width - 40 - PAD, height, font_size=size,
                  font_weight="bold")


def sample_card(page: Page, beam: bool) -> None:
    """What the sample is, and since when; `beam`: the device knows it."""
    area = page.card("Sample state", 0, 4, TOP, CARD_HEIGHT)
    state_name(area)
    rest = area.below(TALL + PAD).columns(2, 85)
    rest.number("Confidence", "confidence", 0, 0)
    rest.number("Unknown", "decision.unknownFraction", 0, 1)
    rest.named("Since train", "decision.transitionTrainId", 1, 0)
    rest.named("Since pulse", "decision.transitionPulse", 1, 1)
    rest.number("Duration", "decision.dwell", 2, 0, 1)
    rest.named("Last train", "trainId", 2, 1)
    rest.named("Before", "decision.previousSampleState", 3, columns=2)
    if beam:
        x, y, width = rest.place(4, 0, 2)
        page.text("Beam", x, y, rest.label)
        text_tile(page, "joining.beamState", x + rest.label, y,
                  int(width - rest.label), LINE, (
                      (f"^{BEAM}$", PAPER, BEAM),
                      (f"^{NO_BEAM}$", CODES[Code.LOW_INTENSITY], NO_BEAM),
                      (f"^{SAMPLE_GONE}$", CODES[Code.LOW_INTENSITY],
                       SAMPLE_GONE),
                      (".*", CODES[Code.UNKNOWN], "not known")), "small")


def permit_card(page: Page) -> None:
    """The permit, why, and what an operator does about it."""
    area = page.card("Permit", 4, 4, TOP, CARD_HEIGHT)
    text_tile(page, "permitReason", area.x, area.y, int(area.width), TALL, (
        (f"^{ALL_HOLD}$", PERMIT, "PERMIT"),
        (".*", NO_PERMIT, "NO PERMIT")), "huge")
    rest = area.below(TALL + PAD).columns(2, 85)
    rest.show(DisplayLabelModel, "permitReason", 0, columns=2, lines=1.9,
              font_size=12)
    rest.named("Latched", "latchReason", 2, columns=2)
    rest.lamp("Armed", "armed", 3.05)
    rest.buttons(3, ("arm", True), ("disarm", False), column=1)
    rest.buttons(4.2, ("acknowledge", True), ("reset", False), columns=2)


def trust_card(page: Page, right: Sequence[tuple[str, str]]) -> Area:
    """Whether the numbers can be trusted; returns the lines below.

    `right`: (text, property) of five counters.
    """
    area = page.card("Trains and trust", 8, 4, TOP, CARD_HEIGHT)
    area = area.columns(2, 85)
    area.watched("Rate", "rate", 0, 0, 2)
    area.watched("Latency 99%", "load.latencyP99", 1, 0, 1,
                 warnHigh=70., alarmHigh=100.)
    area.watched("Train age", "trainAge", 2, 0, 0)
    area.watched("Coverage", "coverage", 3, 0, 3, warnLow=0.999,
                 alarmLow=0.5)
    area.watched("Drift", "driftScore", 4, 0, 2, warnHigh=0.5, alarmHigh=1.)
    area.lines(right, 0, 1)
    rest = area.below(5 * ROW)
    rest.named("Problem", "accounting.problem", 0, columns=2, lines=2)
    rest.named("Model", "modelStatus", 2, columns=2, lines=2)
    return rest
