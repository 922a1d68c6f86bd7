"""A project into Karabo's project database: a beamline in one go.

    python -m spectra_classifier.devices.tools.project_import INIT.json
        --domain DOMAIN [--name NAME] [--manager DEVICE_ID]

INIT.json is laid out as manifest/server_init.json. KARABO_BROKER and
KARABO_BROKER_TOPIC name the installation, as for a device server. Nothing
that is there is changed: a name that the domain has already is refused.
Prints the uuid of the project.
"""
import argparse
import json
import os
import sys
from asyncio import set_event_loop, wait_for
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from karabo.middlelayer import (
    DeviceClientBase,
    EventLoop,
    Hash,
    HashList,
    KaraboError,
    call,
)

from ...process import end_process
from .karabo_project import NAME, SCHEMA, database_items, make_project

#: device that every installation keeps its projects with
MANAGER = "KaraboProjectDB"
ANSWER = 30     # s
#: items of one request, as the GUI sends them
BATCH = 50


async def bring(project: Any, domain: str, manager: str = MANAGER) -> None:
    """Save a `ProjectModel` with all that it holds in a domain.

    Raises `KaraboError` where the domain is unknown or has a project of that
    name, or where an item is refused. The project itself is saved last, so
    that a half of it is never seen.
    """
    domains = (await _ask(manager, "slotListDomains"))["domains"]
    if domain not in domains:
        raise KaraboError(f"{manager} has no domain {domain!r}: it has "
                          f"{', '.join(domains) or 'none'}")
    found = await _ask(manager, "slotListProjects", Hash("domain", domain))
    for other in found["items"]:
        if (other["simple_name"] == project.simple_name
                and not other["is_trashed"]):
            raise KaraboError(
                f"{domain} has a project {project.simple_name!r} already: "
                "choose another name, or move that one to the trash")
    items = database_items(project, domain)
    for first in range(0, len(items), BATCH):
        saved = await _ask(manager, "slotSaveItems", Hash(
            "items", HashList(items[first:first + BATCH]),
            "client", __name__, "schema_version", SCHEMA))
        for each in saved["items"]:
            if not each["success"]:
                raise KaraboError(f"{manager} has not saved "
                                  f"{each['uuid']}: {each['reason']}")


async def _ask(manager: str, slot: str, *arguments: Any) -> Any:
    try:
        return await wait_for(call(manager, slot, *arguments), ANSWER)
    except TimeoutError:
        raise KaraboError(f"{manager} does not answer: is the project "
                          "database started, and is it the right broker?"
                          ) from None


class Importer(DeviceClientBase):
    """Who speaks to the database."""


def run(project: Any, domain: str, manager: str) -> None:
    """`bring` in an event loop of its own."""
    loop = EventLoop()
    set_event_loop(loop)
    importer = Importer({"deviceId": f"spectra/import/{os.getpid()}",
                         "log": {"level": "ERROR"}})
    try:
        loop.run_until_complete(wait_for(importer.startInstance(), ANSWER))
        loop.run_until_complete(loop.create_task(
            bring(project, domain, manager), instance=importer))
        loop.run_until_complete(wait_for(importer.slotKillDevice(), ANSWER))
    finally:
        loop.close()
        set_event_loop(None)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Bring these devices into Karabo's project database.")
    parser.add_argument("init", type=Path, help="as server_init.json")
    parser.add_argument("--domain", required=True)
    parser.add_argument("--name", default=NAME, help="of the project")
    parser.add_argument("--manager", default=MANAGER,
                        help="device id of the project manager")
    chosen = parser.parse_args(arguments)
    project = make_project(json.loads(chosen.init.read_text()), chosen.name)
    try:
        run(project, chosen.domain, chosen.manager)
    except (KaraboError, TimeoutError) as error:
        print("error:", str(error).partition("\nDETAILS")[0] or "no broker",
              file=sys.stderr)
        return 1
    print(project.uuid)
    return 0


if __name__ == "__main__":
    # Karabo leaves threads behind that a normal end would wait for
    end_process(main(sys.argv[1:]), flush=True)
