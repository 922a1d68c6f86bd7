"""The data card of a model: its manifest for people who search and cite."""
_HEAD = "<!-- written by scripts/write_data_cards.py from the manifest -->"


def card(manifest):
    """Markdown that says what a model was taught, measured and may do."""
    lines = [
        _HEAD, f"# {manifest['id']}", "",
        f"{manifest['description'].rstrip('.') or 'Not described'}.", "",
        *_table(_identity(manifest)), "",
        "## Taught with", "", *_table(_data(manifest)), "",
        *_list(f"**{name}**: {number} spectra" for name, number in zip(
            manifest["classes"],
            manifest["training"].get("spectra_per_class", ()),
            strict=False)), "",
        "## Accuracy", "", *_table(_metrics(manifest)), "",
        "## Warnings", "", *_list(_limits(manifest)), "",
        "## To reproduce and to cite", "",
        f"Name the model by its id `{manifest['id']}`; every result carries "
        "it together with its whole identity. The settings of the "
        "training are `training.options` of the manifest, the numbers of the "
        "spectra `training.data`. The software is named in `CITATION.cff`.",
        ""]
    return "\n".join(lines)


def _identity(manifest):
    axis = manifest["axis"]
    return [
        ("", ""), ("created", manifest["created"]),
        ("licence", manifest["licence"]),
        ("identity (SHA-256 of all that a code depends on)",
         f"`{manifest['identity']}`"),
        ("checksum of the manifest (SHA-256)",
         f"`{manifest['manifest_sha256']}`"),
        ("spectra", f"{axis['channels']} channels, {axis['quantity']} in "
         f"{axis['unit']}"),
        ("software", ", ".join(
            f"{name} {version}" for name, version
            in sorted(manifest["software"].items())))]


def _data(manifest):
    rows = [("data set", "spectra", "captures", "SHA-256")]
    for source in manifest["training"].get("data", ()):
        captures = (len(set(source["groups"])) if source["groups"]
                    else "not stated")
        rows.append((source["identifier"], len(source["indices"]), captures,
                     f"`{source['sha256']}`" if source["sha256"]
                     else "none: taken live"))
    return rows


def _metrics(manifest):
    rows = [("on", "accuracy", "95 % interval", "spectra", "interval over")]
    titles = {"cross_validation": "cross-validation",
              "unseen": "captures it has not seen"}
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


def _limits(manifest):
    calibration = manifest["calibration"]
    yield (f"Its confidence is {calibration['status']}, from "
           f"{calibration['samples']} spectra of the rarest class.")
    yield from (f"{text[0].upper()}{text[1:]}."
                for text in manifest["training"].get("warnings", ()))
    yield ("It knows the classes above, on the axis above; what it does not "
           "know it may call by their names.")


def _table(rows):
    head, *rest = [[str(cell).replace("|", "\\|") for cell in row]
                   for row in rows]
    return ["| " + " | ".join(row) + " |" for row in
            (head, ["---"] * len(head), *rest)]


def _list(items):
    return [f"- {item}" for item in items]
