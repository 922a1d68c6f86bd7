"""Projects: open one from the project database, start what it holds."""
from device_tasks import known, topology, wait
from karabo.common.project.api import ProjectModel, read_lazy_object
from karabo.native import read_project_model
from karabogui.project.controller.server import get_project_servers
from karabogui.project.utils import run_macro
from karabogui.singletons.api import get_db_conn, get_project_model
from karabogui.topology.util import get_macro_servers
from waiting import Task, Tasks, until


def open_project(domain: str, uuid: str) -> Task:
    """Load a project from the database, as "Load Project" does."""
    connection = get_db_conn()
    yield from wait(device=connection.project_manager)
    project = ProjectModel(uuid=uuid)
    read_lazy_object(domain, uuid, connection, read_project_model,
                     existing=project)
    connection.default_domain = domain
    connection.flush()
    yield from until(lambda: not connection.is_reading(),
                     f"the project {uuid}")
    if not project.initialized:
        raise LookupError(f"no project {uuid} in the domain {domain}")
    get_project_model().root_model = project
    return {"name": project.simple_name,
            "scenes": [scene.simple_name for scene in project.scenes],
            "macros": [macro.simple_name for macro in project.macros],
            "servers": {server.server_id: [
                device.instance_id for device in server.devices]
                for server in project.servers}}


def start_project() -> Task:
    """Instantiate all devices of the open project, from their classes."""
    view = get_project_model()
    for server in view.root_model.servers:
        yield from wait(server=server.server_id)
    online, offline = get_project_servers(view.root_controller)
    if offline:
        raise LookupError(f"offline in the project: {offline}")
    for server in online:
        for device in server.children:
            proxy = device.project_device.proxy
            proxy.ensure_class_schema()
            yield from known(proxy, device.model.class_id)
        server.instantiate_devices()
    for server in view.root_model.servers:
        for device in server.devices:
            yield from wait(device=device.instance_id)
    return {}


def start_macro(macro_name: str) -> Task:
    """Run a macro of the open project on a macro server."""
    macro = next(each for each in get_project_model().root_model.macros
                 if each.simple_name == macro_name)
    yield from until(get_macro_servers, "a macro server")
    run_macro(macro)

    def running() -> str | None:
        return next((found for found in topology()["macros"]
                     if found.startswith(macro.instance_id)), None)

    yield from until(running, f"the macro {macro_name}")
    return {"id": running()}


TASKS: Tasks = {
    "open_project": open_project, "start_project": start_project,
    "start_macro": start_macro}
