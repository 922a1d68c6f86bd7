"""What happens along a train: heating, damage, a pump that misses pulses."""
from karabo.common.scenemodel.api import DisplayLabelModel

from ...classifier_base.scene_parts import class_tile
from ...common.scene_page import GAP, WIDTH, Page
from ..properties.screens import PulsePictures, size_of

HEIGHT = 936


def pulses(device_id: str) -> str:
    page = Page(device_id)
    page.header(("overview", "explain"))
    class_tile(page, "sampleStateIndex", GAP, 50, 22, 44)
    page.add(DisplayLabelModel, "sampleState", 40, 50, 360, 44,
             font_size=24, font_weight="bold")
    page.named("First train", "decision.transitionTrainId", 420, 50, label=90,
               width=120)
    page.named("First pulse", "decision.transitionPulse", 650, 50, label=80,
               width=80)
    page.named("Trains lost", "trainsLost", 830, 50, label=80, width=80)
    page.watched("Coverage", "coverage", 1010, 50, 3, label=80, width=100,
                 warnLow=0.999, alarmLow=0.5)
    page.picture("screens.pulses.schema.data.pulseMap",
                 size_of(PulsePictures, "pulseMap"), 0, 104)
    page.table("decision.patternStates", GAP, 754, WIDTH - 2 * GAP, 136)
    page.named("Bunch pattern", "joining.pulsePattern", GAP, 896,
               label=120, width=WIDTH - 2 * GAP - 120)
    return page.scene(WIDTH, HEIGHT)
