"""The section on starts of the page, from the report of `cold_start.py`."""
from tables import table


def section(report):
    """Markdown; `report` is None where nothing was recorded."""
    if report is None:
        return ("## Starts\n\nNot measured: `python benchmarks/cold_start.py "
                "--record`.\n")
    starts = [report["cold"], *report["warm"]]
    names = ["nothing compiled", *(["compiled before"] * len(report["warm"])),
             *(["bare device of Karabo"] * len(report["bare"]))]
    return (
        "## Starts\n\nFrom the start of the classifier's server, with its "
        "device, while a source sends 10 trains a second of "
        f"{report['pulses']} x 1280 uint16 words; written by `python "
        "benchmarks/cold_start.py --record`. In brackets the CPU time of the "
        "server until then, which does not depend on other work of the "
        f"machine ({report['cores']} cores, load {report['load']:.1f} at the "
        "end). A bare device of Karabo's own is seen for comparison: ours "
        f"takes {report['ratio_to_bare']:.2f} times as long, and "
        f"{report['cpu_ratio_to_bare']:.2f} times its CPU time, until it is "
        "seen.\n\n" + table(["", *names], _rows(starts, report["bare"])))


def _rows(starts, bare):
    def row(name, text):
        return [name, *map(text, starts), *([""] * len(bare))]

    def seconds(each, key):
        return (f"{each[f'{key}_s']:.1f} ({each[f'{key}_cpu_s']:.1f})")

    return [
        ["device seen, s", *(seconds(each, "device")
                             for each in (*starts, *bare))],
        row("PROCESSING, s", lambda each: seconds(each, "processing")),
        row("first train classified, s",
            lambda each: f"{each['first_classified_s']:.1f}"),
        row("compiled engine in use, s",
            lambda each: f"{each['compiled_s']:.1f}"
            if each["compiled_s"] else "not waited for"),
        row("pulses examined until then", lambda each: (
            f"{each['share_examined_until_compiled']:.0%}"
            if each["trains_until_compiled"] else "-")),
        row("trains received", lambda each: str(each["trains_received"])),
        row("of these skipped", lambda each: str(each["trains_skipped"])),
        row("trains lost, missing at the receiver", lambda each: (
            f"{each['trains_lost']}, {each['trains_missing_in_between']}")),
        row("labels unlike the reference", lambda each: (
            f"{each['labels_unlike_the_reference']} of "
            f"{each['pulses_examined']}"))]
