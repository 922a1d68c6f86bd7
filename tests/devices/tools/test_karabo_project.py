"""A beamline as a project: what goes into the database comes out of it."""
import asyncio
import json
from pathlib import Path

import pytest
from karabo.common.project.api import (
    MemCacheWrapper,
    ProjectDBCache,
    ProjectModel,
    read_lazy_object,
)
from karabo.native import read_project_model
from karabo.project_db.database import SQLDatabase

from spectra_classifier.devices.macros.catalogue import MACROS
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.tools.karabo_project import (
    database_items,
    make_project,
    save,
    scenes_of,
)

INIT = json.loads((Path(__file__).resolve().parents[3]
                   / "manifest/server_init.json").read_text())
DOMAIN = "SPECTRA"


@pytest.fixture(scope="module")
def project():
    return make_project(INIT)


def through_the_database(project, folder):
    """What the database gives back of what it was given."""
    async def there_and_back():
        database = SQLDatabase(db_name=folder / "projects.db", local=True)
        await database.initialize()
        await database.add_domain(DOMAIN)
        items = database_items(project, DOMAIN)
        saved, _ = await database.save_items(items)
        assert all(each["success"] for each in saved), saved
        loaded = await database.load_item(DOMAIN, items)
        await database.db_engine.dispose()
        return {each["uuid"]: each["xml"] for each in loaded}

    return MemCacheWrapper({DOMAIN: asyncio.run(there_and_back())}, None)


def through_files(project, folder):
    save(project, folder, DOMAIN)
    return ProjectDBCache(str(folder))


@pytest.mark.parametrize("way", [through_the_database, through_files])
def test_everything_comes_back(project, tmp_path, way):
    found = ProjectModel(uuid=project.uuid)
    read_lazy_object(DOMAIN, project.uuid, way(project, tmp_path),
                     read_project_model, existing=found)
    assert found.initialized and found.simple_name == project.simple_name
    assert {server.server_id: {
        device.instance_id: device.class_id for device in server.devices}
        for server in found.servers} == {
            server: {device: entry["classId"]
                     for device, entry in entries.items()}
            for server, entries in INIT.items()}
    assert {macro.simple_name: macro.code for macro in found.macros} == MACROS
    assert {f"demo/classifier/spectra|{name}"
            for name in scenes_of(SpectraClassifier)} <= {
                scene.simple_name for scene in found.scenes}


def test_configurations_come_back(project, tmp_path):
    found = ProjectModel(uuid=project.uuid)
    read_lazy_object(DOMAIN, project.uuid,
                     through_the_database(project, tmp_path),
                     read_project_model, existing=found)
    device = next(device for server in found.servers
                  for device in server.devices
                  if device.class_id == "SpectraClassifier")
    configuration = device.configs[0].configuration
    assert device.active_config_ref == device.configs[0].uuid
    assert configuration["reactions"][0]["sampleClass"] == "low pressure"
    assert configuration["reactions"][0]["permit"] is True
    assert list(configuration["input.connectedOutputChannels"]) == [
        "demo/source/simulated:output"]
    assert configuration["input.maxQueueLength"] == 20


@pytest.mark.parametrize("number", [
    2_500_000_000, 2**31, 2**64 - 1, -2**31 - 1, 2**31 - 1, -2**31, 0])
def test_a_train_id_of_today_comes_back(number, tmp_path):
    """Karabo writes numbers of Python with 32 bits."""
    made = make_project({"server": {"a/source/1": {
        "classId": "SpectrometerSimulator",
        "source": {"firstTrain": number}}}})
    found = ProjectModel(uuid=made.uuid)
    read_lazy_object(DOMAIN, made.uuid, through_the_database(made, tmp_path),
                     read_project_model, existing=found)
    device, = found.servers[0].devices
    assert device.configs[0].configuration["source.firstTrain"] == number


def test_the_project_itself_is_saved_last(project):
    kinds = [item["item_type"] for item in database_items(project, DOMAIN)]
    assert kinds[-1] == "project" and kinds.count("project") == 1
    assert kinds.index("device_config") < kinds.index("device_instance")
    assert kinds.index("device_instance") < kinds.index("device_server")
