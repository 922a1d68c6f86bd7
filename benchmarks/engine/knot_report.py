"""The section on the error of reduced baselines of the page."""
from tables import table

#: errors above this many standard deviations of a point are named
NAMED = .1


def section(rows):
    """Markdown of the rows of `knot_error.py`, empty without any."""
    if not rows:
        return ""
    high = max(row["height"] for row in rows)
    widths = sorted({row["width"] for row in rows})
    groups = {}
    for row in rows:
        if row["height"] == high:
            groups.setdefault((row["lam"], row["p"], row["knot_step"]),
                              {})[row["width"]] = row
    low = [row for row in rows if row["height"] < high]
    return (
        "## Error of the knots\n\nLargest difference between reduced and "
        "exact baseline, both settled, in units of the noise of a point, for "
        f"peaks {high:g} times as high as the noise; columns: full width of "
        "a peak at half its height, in lengths of the baseline. The error is "
        "proportional to the height: with peaks of "
        f"{max(row['height'] for row in low):g} times the noise the worst of "
        f"all is {max(row['knots_sigma'] for row in low):.2f}. Bold: above "
        f"{NAMED:g}; take `exact` there.\n\n"
        + table(["lam", "p", "knot step", *(f"{w:g}" for w in widths)], [
            [f"{lam:g}", f"{p:g}", str(step), *(
                _cell(found[w]["knots_sigma"]) for w in widths)]
            for (lam, p, step), found in groups.items()])
        + "\n" + _unsettled(rows))


def _cell(error):
    return f"**{error:.2f}**" if error > NAMED else f"{error:.3f}"


def _unsettled(rows):
    """Where ten solves are too few, exact or reduced."""
    named = [row for row in rows if max(
        row["unsettled_sigma"], row["ten_sigma"]) > NAMED
        and row["ten_sigma"] + row["unsettled_sigma"]
        > 1.01 * row["knots_sigma"]]
    if not named:
        return ""
    return (
        "Where ten solves do not settle the weights, as in the published "
        "method: difference of ten exact solves and settled ones, and of ten "
        "reduced and ten exact ones.\n\n"
        + table(["lam", "p", "height", "width", "ten exact to settled",
                 "ten reduced to ten exact"], [
            [f"{row['lam']:g}", f"{row['p']:g}", f"{row['height']:g}",
             f"{row['width']:g}", f"{row['unsettled_sigma']:.2f}",
             f"{row['ten_sigma']:.2f}"] for row in named]))
