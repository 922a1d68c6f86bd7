"""The scene of the simulator."""
from karabo.common.scenemodel.api import (
    CheckBoxModel,
    DisplayCommandModel,
    DisplayLabelModel,
    DisplayStateColorModel,
    DoubleLineEditModel,
    EditableComboBoxModel,
    IntLineEditModel,
    LabelModel,
    SceneModel,
    TrendGraphModel,
    write_scene,
)

ROW, LEFT, WIDTH = 30, 10, 150
#: shown in two columns, (label, property)
READINGS = (
    ("True state", "trueState"), ("Fraction", "currentFraction"),
    ("Train id", "currentTrainId"), ("Next or last change",
                                     "transitionTrainId"),
    ("Trains sent", "trainsSent"), ("Pulses sent", "pulsesSent"),
    ("Trains late", "trainsLate"), ("Faults pending", "faultsPending"))


def overview(device_id):
    """State, buttons, readings, fault injection; SVG text."""
    def place(column, row, width=WIDTH):
        return {"x": LEFT + int(column * (WIDTH + 10)), "y": LEFT + row * ROW,
                "width": width, "height": ROW - 4}

    def keys(name):
        return [f"{device_id}.{name}"]

    children = [
        DisplayStateColorModel(keys=keys("state"), show_string=True,
                               **place(0, 0)),
        DisplayCommandModel(keys=keys("start"), **place(1, 0)),
        DisplayCommandModel(keys=keys("stop"), **place(2, 0)),
        DisplayLabelModel(keys=keys("status"), **place(0, 1, 4 * WIDTH)),
        LabelModel(text="Held state", **place(3, 0, 75)),
        DoubleLineEditModel(keys=keys("heldState"),
                            **place(3.5, 0, 70)),
        EditableComboBoxModel(keys=keys("fault"), **place(0, 6)),
        IntLineEditModel(keys=keys("faultTrains"), **place(1, 6)),
        DisplayCommandModel(keys=keys("injectFault"), **place(2, 6)),
        LabelModel(text="Light", **place(3, 6, 75)),
        CheckBoxModel(keys=keys("light"), klass="EditableCheckBox",
                      parent_component="EditableApplyLaterComponent",
                      **place(3.5, 6, 40)),
        TrendGraphModel(keys=keys("currentFraction"), x=LEFT,
                        y=LEFT + 7 * ROW + 10, width=4 * WIDTH, height=220)]
    for number, (text, name) in enumerate(READINGS):
        row, column = divmod(number, 2)
        children += [
            LabelModel(text=text, **place(2 * column, 2 + row)),
            DisplayLabelModel(keys=keys(name),
                              **place(2 * column + 1, 2 + row))]
    return write_scene(SceneModel(width=660, height=470, children=children))


SCENES = {"overview": overview}
