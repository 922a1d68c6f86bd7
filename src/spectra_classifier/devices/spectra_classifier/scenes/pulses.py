"""What happens along a train: heating, damage, a pump that misses pulses."""
from ...classifier_base.scene_parts import state_name
from ...common.picture_channels import size_of
from ...common.scene_page import GAP, TOP, Page
from ..properties.screens import PulsePictures

#: heights of the first and of the last card
STATE, PATTERNS = 90, 180


def pulses(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "explain"))
    state_name(page.card("", 0, 5, TOP, STATE), height=70, size=30)
    area = page.card("", 5, 7, TOP, STATE).columns(2)
    area.named("Since train", "decision.transitionTrainId", 0.15)
    area.named("Since pulse", "decision.transitionPulse", 1.25)
    area.named("Trains lost", "trainsLost", 0.15, 1)
    area.watched("Coverage", "coverage", 1.25, 1, warnLow=0.999, alarmLow=0.5)
    y = TOP + STATE + GAP
    y += GAP + page.picture("screens.pulses.schema.data.pulseMap",
                            size_of(PulsePictures, "pulseMap"), 0, 12, y)
    area = page.card("State of every pulse pattern", 0, 12, y, PATTERNS)
    area.named("Bunch pattern", "joining.pulsePattern", 0)
    area.table("decision.patternStates", 1)
    return page.scene(y + PATTERNS + GAP)
