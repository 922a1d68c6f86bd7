"""Rows that the configurator shows of every device.

    python benchmarks/top_level_rows.py

`top` counts what a device adds at top level to Karabo's own rows: values,
buttons, nodes and channels; `leaves` all values, those of channels included.
"""
from karabo.middlelayer import Device, Hash

from spectra_classifier import devices


def leaves(schema: Hash) -> int:
    """Number of values below all nodes."""
    return sum("valueType" in schema[path, ...] for path in schema.paths())


def main() -> None:
    print("| device | top | values and buttons | leaves |\n|---|---|---|---|")
    for name in sorted(devices.MODULES):
        schema = getattr(devices, name).getClassSchema().hash
        top = [key for key in schema if key not in Device._allattrs]
        plain = sum("valueType" in schema[key, ...]
                    or schema[key, "displayType"] == "Slot" for key in top
                    if "displayType" in schema[key, ...]
                    or "valueType" in schema[key, ...])
        print(f"| {name} | {len(top)} | {plain} | {leaves(schema)} |")


if __name__ == "__main__":
    main()
