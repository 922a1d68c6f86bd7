"""Cases of `spectra-classifier bench --json` as Markdown."""


def of(cases, *names):
    """The cases of these names."""
    return [case for case in cases if case["case"] in names]


def table(heads, rows):
    """A Markdown table of strings."""
    return "\n".join(["| " + " | ".join(row) + " |" for row in (
        heads, ["---"] * len(heads), *rows)]) + "\n"


def time(case):
    """CPU ms with lowest and highest."""
    low, high = case["cpu_ms_spread"]
    return f"{case['cpu_ms_per_train']:.2f} ({low:.2f}-{high:.2f})"


def ratios(case):
    """Ratios to peers with lowest and highest."""
    limits = case.get("ratio_interval", {})
    return "; ".join(
        three_digits(value)
        + (f" ({' to '.join(map(three_digits, limits[name]))})"
           if name in limits else "") + f" {name}"
        for name, value in case["ratio_to"].items())


def three_digits(value):
    """Rounded, without an exponent."""
    return f"{float(f'{value:.3g}'):,g}"
