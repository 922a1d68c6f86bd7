"""Several workers at a glance: the answer, the permit, who delivers."""
from ..classifier_base.scene_parts import (
    CARD_HEIGHT,
    permit_card,
    sample_card,
    trust_card,
)
from ..common.scene_page import GAP, TOP, Page

#: heights of the rows of cards below
WORKERS, TABLES = 190, 170


def overview(device_id: str) -> str:
    page = Page(device_id)
    page.header()
    sample_card(page, beam=False)
    permit_card(page)
    trust_card(page, (("Workers", "workers.delivering"),
                      ("Trains", "trainsReceived"),
                      ("Trains lost", "trainsLost"),
                      ("Too late", "workers.trainsTooLate"),
                      ("Waiting", "workers.trainsWaiting")))
    y = TOP + CARD_HEIGHT + GAP
    area = page.card("Workers", 0, 12, y, WORKERS, 90)
    area.named("Problem", "workers.problem", 0)
    area.table("workers.current", 1)
    y += WORKERS + GAP
    page.card("Active alarms, and those to be acknowledged", 0, 7, y,
              TABLES).table("alarms.current")
    page.card("Accounting", 7, 5, y, TABLES).table("accounting.reasons")
    return page.scene(y + TABLES + GAP)


#: scenes of a `SpectraCollector`
SCENES = {"overview": overview}
