"""The scene of the guard shows what there is."""
from io import StringIO

from karabo.middlelayer import read_scene

from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.permit_guard.scene import SCENES

DEVICE = "SPB/GUARD/1"


def test_every_key_is_in_the_schema_and_the_watchdog_is_shown():
    schema = PermitGuard.getClassSchema().hash
    assert list(PermitGuard.availableScenes.defaultValue) == list(SCENES)
    for make in SCENES.values():
        scene = read_scene(StringIO(make(DEVICE)))
        keys = [key for widget in scene.children
                for key in getattr(widget, "keys", [])]
        paths = {key.removeprefix(f"{DEVICE}.") for key in keys}
        assert {path for path in paths if path not in schema} == set()
        assert paths >= {"reason", "enable", "acknowledge", "targetOpen",
                         "watchdog.value", "watchdog.age"}
        # nothing lies outside, and no two widgets on each other
        boxes = [(one.x, one.y, one.x + one.width, one.y + one.height)
                 for one in scene.children if getattr(one, "keys", [])]
        for left, top, right, bottom in boxes:
            assert 0 <= left < right <= scene.width
            assert 0 <= top < bottom <= scene.height
        for number, one in enumerate(boxes):
            for other in boxes[number + 1:]:
                assert (one[2] <= other[0] or other[2] <= one[0]
                        or one[3] <= other[1] or other[3] <= one[1])
