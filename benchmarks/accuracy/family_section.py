"""The sections of docs/accuracy.md on families of simulated spectra."""
import families
import numpy as np
from few_spectra import KINDS, SEEDS
from sections import percent, table
from unknown_level import FALSE_ALARMS


def _mean(values):
    return float(np.mean(list(values)))


def unknown_level(found):
    """False unknowns at a stated level, and what is found."""
    rows, kinds = [], []
    for title, entries in found.items():
        if title == "real":
            continue
        entries = [each for each in entries if each]
        limited = [each for each in entries if each["known"]]
        false = [each["now"]["false"] for each in limited]
        rows.append([title, f"{len(limited)} of {len(entries)}", *(
            (percent(_mean(e["claimed"] for e in limited)),
             percent(_mean(false)), percent(max(false)),
             sum(share > each["claimed"] for share, each
                 in zip(false, limited, strict=True)))
            if limited else ("-",) * 4)])
        kinds.append([title, *(" / ".join(percent(_mean(
            each[name][kind][1] for each in entries))
            for name in ("now", "before")) for kind in families.STRANGE)])
    real = [[key, e["taught"], percent(e["claimed"]),
             percent(e["now"]["false"]) if e["known"] else "no limit"]
            for key, e in found.get("real", {}).items() if e]
    return ("## Unknown at a stated level\n\nFamilies of simulated spectra "
            f"from seed {families.KEPT.start} on, which took part in no "
            "choice; level asked for 1 %; "
            "shares in percent of spectra of taught states. *Claimed* is what "
            "the training report promises for the class with the fewest "
            "spectra, mean over families:\n\n" + table(
                ["taught", "with a limit", "claimed", "false unknown, mean",
                 "largest", "families above their claim"], rows)
            + "\nFound at equal false alarms of 2 %, by this residual / by "
            "the one before it, in percent:\n\n" + table(
                ["taught", *families.STRANGE], kinds)
            + "\n![Found against false alarms](images/unknown-level.png)\n"
            + ("\nStored splits of real spectra, 1 % asked for: the lowest "
               "level that the class with the fewest spectra can have, and "
               "test spectra wrongly unknown:\n\n" + table(
                   ["split", "taught", "level", "false unknown"], real)
               if real else ""))


def picture(found, path):
    """What is found against false alarms, both rules, as PNG."""
    from matplotlib.figure import Figure

    taught = [title for title, entries in found.items()
              if title != "real" and any(each and "found" in each["now"]
                                         for each in entries)]
    figure = Figure(figsize=(9, 6), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True, sharey=True).ravel()
    for panel, kind in zip(panels, families.STRANGE, strict=True):
        for number, title in enumerate(taught):
            entries = [each for each in found[title] if each]
            for name, line in (("now", "-"), ("before", ":")):
                panel.plot(FALSE_ALARMS, np.mean(
                    [each[name]["found"][kind] for each in entries], axis=0),
                    line, color=f"C{number}", label=f"{title}, {name}")
        panel.set(title=kind, xscale="log", ylim=(0, 1.02))
    panels[0].legend(fontsize=6)
    figure.supxlabel("share of taught states called unknown")
    figure.supylabel("share of strangers found")
    figure.savefig(path, dpi=110)


def imbalance(found):
    """Unequal classes."""
    rows = []
    equal = {each["seed"]: each["balanced"] for each in found
             if each["ratio"] == 1}
    for ratio in sorted({each["ratio"] for each in found}):
        mine = [each for each in found if each["ratio"] == ratio]
        more = 100 * np.array([each["balanced"] - equal[each["seed"]]
                               for each in mine])
        rows.append([ratio, len(mine), *map(percent, (
            _mean(e["balanced"] for e in mine),
            _mean(e["recall"][0] for e in mine),
            _mean(np.mean(e["recall"][1:]) for e in mine),
            _mean(e["confidence"] for e in mine))),
            f"{more.mean():+.1f} +- "
            f"{1.96 * more.std(ddof=1) / len(more) ** 0.5:.1f}"])
    return ("## Unequal classes\n\nTen spectra of all classes but one, so "
            "many times ten of that one, of families from seed "
            f"{min(each['seed'] for each in found)} on; a class is given "
            "whatever the limits:\n\n" + table(
                ["ratio", "families", "balanced accuracy",
                 "recall of the large class", "of the others",
                 "mean confidence", "balanced, minus 1 : 1"], rows))


def few_spectra(found):
    """`auto` beside single kinds."""
    kinds = ("auto", *KINDS)
    rows, behind, tasks = [], [], {}
    for title, by_count in found.items():
        for few, entries in by_count.items():
            shown = {kind: [each[kind] for each in entries if kind in each]
                     for kind in kinds}
            # of the draws that both have
            more = {kind: 100 * np.array([
                each["auto"] - each[kind] for each in entries
                if kind in each]) for kind in KINDS if shown[kind]}
            best = min(more, key=lambda kind, more=more: more[kind].mean())
            points, error = more[best].mean(), 1.96 * more[best].std(
                ddof=1) / len(more[best]) ** 0.5
            rows.append([title, few, _draws(shown), *map(_shown, shown.values(
                )), best, f"{points:+.1f} +- {error:.1f}"])
            tasks.setdefault(few, []).append((shown, more))
            if points < -1:
                behind.append(f"{title}, {few} ({best}, {points:+.1f} +- "
                              f"{error:.1f})")
    for few, known in tasks.items():
        more = {kind: _mean(each[kind].mean() for _, each in known)
                for kind in KINDS if all(kind in each for _, each in known)}
        best = min(more, key=more.get)
        rows.append(["**mean of the tasks**", few, "", *(
            percent(_mean(_mean(shown[kind]) for shown, _ in known))
            if kind == "auto" or kind in more else "-" for kind in kinds),
            best, f"{more[best]:+.1f}"])
    return ("## Few spectra\n\nMean accuracy over draws; a class is given "
            "whatever the limits. In brackets the draws of the networks (mlp, "
            "published), if there are fewer. The last columns: the single "
            "kind "
            "that does best on the test spectra, and `auto` minus it in the "
            "draws that both have, in points, with 95 % of the paired "
            "difference. Draws were made from seed "
            f"{SEEDS.start} on.\n\n" + table(
                ["task", "per class", "draws", *kinds, "best",
                 "auto minus best"], rows)
            + "\nMore than one point behind the best: "
            + ("; ".join(behind) or "nowhere") + ".\n")


def _draws(shown):
    """Draws of the linear kinds, and of each network if they are fewer."""
    count, *networks = (len(shown[kind])
                        for kind in ("auto", "mlp", "published"))
    return str(count) + (f" ({', '.join(map(str, networks))})"
                         if min(networks) < count else "")


def _shown(values):
    return percent(_mean(values)) if values else "-"
