"""Options for DATA that is a run of the European XFEL."""
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..core.spectra import Axis
    from ..files import RunOptions
    from ..files.runs.run_dataset import ValueLabels
    from ..files.spectra.delimited import TextOptions

#: a command with a parameter `run`
type _Command = Callable[..., None]

_PANEL = "Runs of the European XFEL (DATA is run:PATH)"


def _option(text: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=_PANEL,
                        show_default=False, **more)


#: {parameter: (annotation, default)}
type _Options = dict[str, tuple[Any, Any]]

_SELECTION: _Options = {
    "source_name": (Annotated[str, _option(
        "Source of the spectra, such as SQS_EXP_GH2-2/DET/RECEIVER:daqOutput "
        "(default: the only one that has the key).", "--source",
        metavar="NAME")], ""),
    "preset": (Annotated[str, _option(
        "Kind of the source, whose keys are taken: gotthard2 receiver, "
        "gotthard2 corrected, image to spectrum or generic. --key, --mask-key,"
        " --pulse-id-key and --calibrated win over it (default: what is "
        "next to the key).", metavar="NAME")], ""),
    "key": (Annotated[str | None, _option(
        "Key of the spectra (default: data.adc).")], None),
    "mask_key": (Annotated[str | None, _option(
        "Key of the mask (default: the mask next to the spectra, if there is "
        "one; '' for none).")], None),
    "pulse_id_key": (Annotated[str | None, _option(
        "Key of the ids of the pulses (default: none, their positions).")],
        None),
    "calibrated": (Annotated[bool | None, _option(
        "Whether counts are corrected per strip and gain stage (default: "
        "float data are).", "--calibrated/--raw-counts")], None),
    "pulses": (Annotated[str, _option(
        "Pulses of every train, as 0:2700:2 or 0,3,5 (default: all).")], ""),
    "trains": (Annotated[str, _option(
        "Trains by their place in the run, as ::10 or 0:600 (default: all).",
    )], ""),
    "follower": (Annotated[str, _option(
        "Source of a second module that sees the other strips of the same "
        "spectra.", metavar="NAME")], ""),
    "follower_join": (Annotated[str, _option(
        "How its strips go with those of the first: appended or interleaved.",
        )], "appended"),
    "calibration": (Annotated[str | None, _option(
        "Positions of the channels: FIRST,STEP, or a text file with one per "
        "line; --axis gives their quantity.", metavar="FIRST,STEP|FILE")],
        None),
}
_MONITOR: _Options = {
    "monitor": (Annotated[str, _option(
        "Source of pulse energies, for a model that takes spectra per pulse "
        "energy.", metavar="NAME")], ""),
    "monitor_key": (Annotated[str, _option(
        "Key of the pulse energies (default: data.intensityTD).")],
        "data.intensityTD"),
    "min_energy": (Annotated[float, _option(
        "Pulse energy from which there is beam.", min=0)], 0.),
}
_MACHINE: _Options = {
    "pattern": (Annotated[str, _option(
        "Source of the bunch pattern, such as "
        "SPB_RR_SYS/TSYS/TIMESERVER:outputBunchPattern or a pulse pattern "
        "decoder: frames without X-rays have no beam.", "--bunch-pattern",
        metavar="NAME")], ""),
    "branch": (Annotated[str, _option(
        "SASE branch of the X-rays (default: SA1).", metavar="SA1|SA2|SA3")],
        "SA1"),
    "frames": (Annotated[str, _option(
        "'one per bunch place' (default) or 'one per X-ray pulse'.")],
        "one per bunch place"),
    "first_place": (Annotated[int, _option(
        "Bunch place of the first frame.", min=0)], 0),
    "place_step": (Annotated[int, _option(
        "Bunch places from one frame to the next.", min=1)], 1),
}
#: what `classify` joins to the trains, beside a second module
_JOINED = _MONITOR | _MACHINE
_TEXT: _Options = {
    "columns": (Annotated[str, typer.Option(
        help="Columns of position and intensity in text curves, by "
        "number or heading: x=1,y=2 or x=energy,y=counts; x=1,y=2- for a "
        "spectrum in each of the other columns.",
        metavar="x=N,y=N", show_default=False)], ""),
    "decimal": (Annotated[str, typer.Option(
        help="Decimal sign of text curves, . or , (default: what the "
        "file shows).", metavar="SIGN", show_default=False)], ""),
}
_LABELS: _Options = {
    "label_source": (Annotated[str | None, _option(
        "Source whose values, one per train, are the labels.",
        metavar="NAME")], None),
    "label_key": (Annotated[str | None, _option(
        "Key of these values, such as actualPosition.value.")], None),
    "limits": (Annotated[str | None, _option(
        "Limits between the classes, increasing, as 1.4,1.6.")], None),
    "class_names": (Annotated[str | None, _option(
        "Classes of the bands, one more than limits, as bcc,-,hcp; - leaves "
        "a band out.", "--classes")], None),
}


#: options whose name is not that of their parameter
_NAMES = {"source_name": "source", "class_names": "classes",
          "pattern": "bunch-pattern"}


@dataclass(frozen=True)
class RunChoice:
    """Options for runs and text files, as given.

    Attributes
    ----------
    values
        By parameter.
    """
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> "TextOptions":
        """Options for text files."""
        from ..files.spectra.delimited import TextOptions

        return TextOptions(**self.dialect)

    @property
    def dialect(self) -> dict[str, str]:
        """The same, by name."""
        return {name: self.values[name] for name in _TEXT}

    @property
    def inputs(self) -> list[str]:
        """Files that the options name."""
        return [name for name in (self.values.get("calibration"),) if name]

    @property
    def options(self) -> "RunOptions":
        """Options for runs."""
        from ..core.preprocessing.detector_modules import JOINS
        from ..core.trains.bunch_pattern import BRANCHES, Frames
        from ..files import RunOptions

        join = self.values["follower_join"]
        if join not in JOINS[1:]:
            raise ConfigurationError(f"--follower-join {join}: use one of "
                                     f"{', '.join(JOINS[1:])}")
        if self.values.get("monitor") and not self.values["min_energy"]:
            raise ConfigurationError(
                "--monitor needs --min-energy: above what the monitor shows "
                "without beam, in its unit")
        for name, known in (("branch", list(BRANCHES)),
                            ("frames", [each.value for each in Frames])):
            if self.values.get(name, known[0]) not in known:
                raise ConfigurationError(
                    f"--{name} {self.values[name]}: use one of "
                    f"{', '.join(known)}")
        return RunOptions.of_preset(
            self.values["preset"], source=self.values["source_name"], **{
                name: self.values[name] for name in (
                    "key", "mask_key", "pulse_id_key", "calibrated",
                    "pulses", "trains", "follower", "follower_join",
                    *_JOINED) if name in self.values})

    def axis(self, channels: int,
             quantity_unit: tuple[str, str] | None) -> "Axis | None":
        """The calibrated axis, or None where none was asked for."""
        from ..files.spectra.axis_calibration import calibrated_axis

        text = self.values["calibration"]
        if text is not None:
            return calibrated_axis(text, channels, quantity_unit)
        if quantity_unit is not None:
            raise ConfigurationError(
                "--axis states what the positions of a run are, and there "
                "are none: give them with --calibration FIRST,STEP or a file")
        return None

    def labels(self, table: Path | None) -> "Path | ValueLabels | None":
        """Labels of a run: table of train ids, values of a source, or None."""
        from ..files.runs.run_dataset import ValueLabels

        given = [self.values.get(name) for name in _LABELS]
        if not any(given):
            return table
        source, key, limits, names = given
        if not (source and key and limits and names) or table is not None:
            raise ConfigurationError(
                "labels from another source need --label-source, "
                "--label-key, --limits and --classes, and no --labels")
        try:
            numbers = tuple(float(limit) for limit in limits.split(","))
        except ValueError:
            raise ConfigurationError(f"--limits {limits}: expected numbers "
                                     "such as 1.4,1.6") from None
        return ValueLabels(source, key, numbers, tuple(names.split(",")))

    def refuse_for(self, path: str | Path) -> None:
        """`ConfigurationError` where options for runs are given for a file."""
        for name, (_, default) in (_SELECTION | _JOINED | _LABELS).items():
            if self.values.get(name, default) != default:
                option = _NAMES.get(name, name)
                raise ConfigurationError(
                    f"--{option.replace('_', '-')} is for runs, and {path} "
                    "is not one: write run:PATH")


def for_runs(labels: bool = True) -> Callable[[_Command], Callable[..., None]]:
    """Replace the parameter `run` of a command by the options for runs.

    The command gets a `RunChoice`. With `labels` there are options for
    labels, else for a monitor and the bunch pattern.
    """
    options = _SELECTION | _TEXT | (_LABELS if labels else _JOINED)

    def decorate(command: _Command) -> Callable[..., None]:
        known = inspect.signature(command).parameters
        added = [inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default,
            annotation=annotation)
            for name, (annotation, default) in options.items()]
        kept = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                for name, item in known.items() if name != "run"]

        @wraps(command)
        def wrapper(**given: Any) -> None:
            values = {name: given.pop(name) for name in options}
            command(run=RunChoice(values), **given)

        shown: Any = wrapper
        shown.__signature__ = inspect.Signature(kept + added)
        shown.__annotations__ = {
            item.name: item.annotation for item in kept + added}
        return wrapper
    return decorate
