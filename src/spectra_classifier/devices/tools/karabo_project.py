"""A Karabo project: servers, devices, scenes and macros in one go.

    python -m spectra_classifier.devices.tools.karabo_project INIT.json FOLDER
        [--domain DOMAIN] [--name NAME]

INIT.json is laid out as manifest/server_init.json: {server: {device id:
{"classId": ..., property: value}}}. The project is written in Karabo's own
form, one XML file per item below FOLDER/DOMAIN, and the uuid of the project
is printed. Needs no broker and no device that runs; `project_database` brings
a project into the database of an installation.
"""
import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from karabo.common.project.api import (
    PROJECT_DB_SCHEMA,
    DeviceConfigurationModel,
    DeviceInstanceModel,
    DeviceServerModel,
    MacroModel,
    ProjectDBCache,
    ProjectModel,
    recursive_save_object,
)
from karabo.middlelayer import Hash, HashList, read_scene
from karabo.native import get_item_type, write_project_model

from ... import devices
from ..macros.catalogue import MACROS

#: an item that is complete and not saved yet
NEW = {"initialized": True, "modified": True}
DOMAIN, NAME = "SPECTRA", "spectra_classifier"
#: form of the items, as the database asks for it
SCHEMA = PROJECT_DB_SCHEMA


def make_project(init: Mapping[str, Any], name: str = NAME) -> Any:
    """The `ProjectModel` of servers with their devices and configurations.
    """
    servers, scenes = [], []
    for server_id, entries in init.items():
        instances = []
        for device_id, entry in entries.items():
            values = dict(entry)
            class_id = values.pop("classId")
            instances.append(_instance(device_id, class_id, values))
            scenes += _scenes(device_id, class_id)
        servers.append(DeviceServerModel(
            server_id=server_id, simple_name=server_id, devices=instances,
            **NEW))
    macros = [MacroModel(simple_name=macro, code=text, **NEW)
              for macro, text in MACROS.items()]
    return ProjectModel(simple_name=name, servers=servers, scenes=scenes,
                        macros=macros, **NEW)


def save(project: Any, folder: Path, domain: str = DOMAIN) -> None:
    """Write every item of a project below `folder`/`domain`."""
    folder = Path(folder)
    (folder / domain).mkdir(parents=True, exist_ok=True)
    recursive_save_object(project, _Files(str(folder)), domain)


class _Files(ProjectDBCache):
    """Takes models, where the cache takes their text."""

    def store(self, domain: str, uuid: str, model: Any) -> None:
        super().store(domain, uuid, write_project_model(model))


def database_items(project: Any, domain: str) -> list[Any]:
    """What the project database is to save, children first: a list of `Hash`.
    """
    items = _Items()
    recursive_save_object(project, items, domain)
    return items.found


class _Items:
    """Takes models, as a storage does."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def store(self, domain: str, uuid: str, model: Any) -> None:
        self.found.append(Hash(
            "domain", domain, "uuid", uuid,
            "item_type", get_item_type(model),
            "xml", write_project_model(model)))


def _instance(device_id: str, class_id: str, values: Mapping[str, Any]) -> Any:
    configuration = DeviceConfigurationModel(
        class_id=class_id, configuration=_hash(values), **NEW)
    return DeviceInstanceModel(
        class_id=class_id, instance_id=device_id, configs=[configuration],
        active_config_ref=configuration.uuid, **NEW)


def _hash(values: Mapping[str, Any]) -> Hash:
    """A nested mapping with tables as lists of mappings."""
    result = Hash()
    for key, value in values.items():
        if isinstance(value, dict):
            value = _hash(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            value = HashList(_hash(row) for row in value)
        elif type(value) is int and not -2**31 <= value < 2**31:
            # Karabo writes an int of Python with 32 bits, whatever it is
            value = np.uint64(value) if value > 0 else np.int64(value)
        result[key] = value
    return result


def scenes_of(device_class: type) -> dict[str, Callable[[str], str]]:
    """The functions that make the scenes of a class from a device id."""
    modules = (sys.modules[base.__module__] for base in device_class.__mro__)
    return next((module.SCENES for module in modules
                 if hasattr(module, "SCENES")), {})


def _scenes(device_id: str, class_id: str) -> list[Any]:
    found: list[Any] = []
    for scene, make in scenes_of(getattr(devices, class_id)).items():
        model = read_scene(StringIO(make(device_id)))
        model.simple_name = f"{device_id}|{scene}"
        model.trait_set(**NEW)
        found.append(model)
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        description="Write a Karabo project for these devices.")
    parser.add_argument("init", type=Path, help="as server_init.json")
    parser.add_argument("folder", type=Path, help="where the items go")
    parser.add_argument("--domain", default=DOMAIN)
    parser.add_argument("--name", default=NAME)
    chosen = parser.parse_args(arguments)
    project = make_project(json.loads(chosen.init.read_text()), chosen.name)
    save(project, chosen.folder, chosen.domain)
    print(project.uuid)


if __name__ == "__main__":
    main(sys.argv[1:])
