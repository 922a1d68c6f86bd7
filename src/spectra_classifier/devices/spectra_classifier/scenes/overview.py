"""For the night shift: what the sample is, what that permits and why,
whether the numbers can be trusted."""
from ...classifier_base.scene_parts import (
    CARD_HEIGHT,
    permit_card,
    sample_card,
    trust_card,
)
from ...common.picture_channels import size_of
from ...common.scene_page import GAP, TOP, Page
from ..properties.screens import OverviewPictures

LINKS = ("pulses", "explain", "bins", "model", "diagnostics", "settings")
PICTURES = "screens.overview.schema.data."


def overview(device_id: str) -> str:
    page = Page(device_id)
    page.header(LINKS)
    sample_card(page, beam=True)
    permit_card(page)
    trust_card(page, (("Trains", "trainsReceived"),
                      ("Trains lost", "trainsLost"),
                      ("Pulses", "accounting.pulsesReceived"),
                      ("Rejected", "accounting.pulsesRejected"),
                      ("Skipped", "accounting.pulsesSkipped")))
    y = TOP + CARD_HEIGHT + GAP
    for row in (("trend", 0, 12),), (("spectrum", 0, 6),
                                     ("difference", 6, 6)):
        heights = [page.picture(
            PICTURES + name, size_of(OverviewPictures, name), column, columns,
            y) for name, column, columns in row]
        y += max(heights) + GAP
    return page.scene(y)
