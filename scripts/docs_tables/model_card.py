"""Data card of a model: its manifest for people who search and cite."""
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

#: cells of a row
type _Row = Sequence[object]

_HEAD = "<!-- written by scripts/write_data_cards.py from the manifest -->"


def card(manifest: dict[str, Any]) -> str:
    """Markdown: training data, measurements and limits of a model."""
    lines = [
        _HEAD, f"# {manifest['id']}", "",
        f"{manifest['description'].rstrip('.') or 'Not described'}.", "",
        *_table(_identity(manifest)), "",
        "## Training data", "", *_table(_data(manifest)), "",
        *_list(f"**{name}**: {number} spectra" for name, number in zip(
            manifest["classes"],
            manifest["training"].get("spectra_per_class", ()),
            strict=False)), "",
        "## Accuracy", "", *_table(_metrics(manifest)), "",
        "## Warnings", "", *_list(_limits(manifest)), "",
        "## To reproduce and to cite", "",
        f"Cite the model by its id `{manifest['id']}`; every result contains "
        "it together with its whole identity. The settings of the "
        "training are `training.options` of the manifest, the numbers of the "
        "spectra `training.data`. The software is named in `CITATION.cff`.",
        ""]
    return "\n".join(lines)


def _identity(manifest: dict[str, Any]) -> list[_Row]:
    axis = manifest["axis"]
    return [
        ("", ""), ("created", manifest["created"]),
        ("licence", manifest["licence"]),
        ("identity (SHA-256 of everything that a code depends on)",
         f"`{manifest['identity']}`"),
        ("checksum of the manifest (SHA-256)",
         f"`{manifest['manifest_sha256']}`"),
        ("spectra", f"{axis['channels']} channels, {axis['quantity']} in "
         f"{axis['unit']}"),
        ("software", ", ".join(
            f"{name} {version}" for name, version
            in sorted(manifest["software"].items())))]


def _data(manifest: dict[str, Any]) -> list[_Row]:
    rows: list[_Row] = [("data set", "spectra", "captures", "SHA-256")]
    for source in manifest["training"].get("data", ()):
        captures = (len(set(source["groups"])) if source["groups"]
                    else "not stated")
        rows.append((source["identifier"], len(source["indices"]), captures,
                     f"`{source['sha256']}`" if source["sha256"]
                     else "none: taken live"))
    return rows


def _metrics(manifest: dict[str, Any]) -> list[_Row]:
    rows: list[_Row] = [
        ("on", "accuracy", "95 % interval", "spectra", "interval over")]
    titles = {"cross_validation": "cross-validation",
              "unseen": "captures that it was not trained on"}
    if (manifest["metrics"].get("unseen") or {}).get(
            "interval_over") == "spectra":
        # without captures they are neighbours of those of the training
        titles["unseen"] = "other spectra of the same series"
    for key, title in titles.items():
        found = manifest["metrics"].get(key)
        if not found or found.get("known") is False:
            continue
        interval = found.get("accuracy_interval", found.get("interval"))
        rows.append((
            title, f"{found['accuracy']:.4f}",
            "not known" if interval is None else
            f"{interval[0]:.4f} to {interval[1]:.4f}", found["n"],
            f"{found['interval_n']} {found['interval_over']}"))
    return rows


def _limits(manifest: dict[str, Any]) -> Iterator[str]:
    calibration = manifest["calibration"]
    yield (f"Its confidence is {calibration['status']}, from "
           f"{calibration['samples']} spectra of the rarest class.")
    yield from (f"{text[0].upper()}{text[1:]}."
                for text in manifest["training"].get("warnings", ()))
    yield ("It distinguishes the classes above, on the axis above; another "
           "state may be given one of them.")


def _table(rows: list[_Row]) -> list[str]:
    head, *rest = [[str(cell).replace("|", "\\|") for cell in row]
                   for row in rows]
    return ["| " + " | ".join(row) + " |" for row in
            (head, ["---"] * len(head), *rest)]


def _list(items: Iterable[str]) -> list[str]:
    return [f"- {item}" for item in items]
