"""Does it matter that the networks of the folds are trained for less?

    python benchmarks/fold_steps.py

Cross-validates point-wise members on every 20th curve of the simulated ramp
with the full training in every fold and with cheaper ones, and prints the
table of docs/training.md. About fifteen minutes of one core.
"""
import time
from dataclasses import replace

import numpy as np
from published_method import ramp_data

from spectra_classifier.core.bins import equal_bins
from spectra_classifier.core.preprocessing.preprocess import preprocess
from spectra_classifier.training.members import pointwise
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.validation import cross_validation

#: (epochs, points per bin and step); the first is the full training
SETTINGS = (700, 12_000), (300, 4_000), (200, 2_000)


def main():
    data = ramp_data()
    data = data.select(np.arange(0, len(data), 20))
    options = TrainingOptions(members="published",
                              input_scaling="published")
    task = Task(data.axis, data.spectra,
                preprocess(data.spectra, options.preprocessing()), data.labels,
                2, equal_bins(len(data.axis), options.bins))
    print("| epochs | points per step | CPU s | accuracy of the vote | "
          "separability: mean | largest change | correlation | right votes: "
          "largest change |")
    print("|" + "---|" * 8)
    full = None
    for epochs, points in SETTINGS:
        started = time.process_time()
        checked = cross_validation.cross_validate(
            task, None, replace(options, fold_epochs=epochs,
                                fold_points=points),
            pointwise, lambda loss: None)
        seconds = time.process_time() - started
        skill = cross_validation.skill(checked, 2)
        full = full or (skill, checked.point_accuracy)
        print(f"| {epochs} | {points} | {seconds:.0f} | "
              f"{np.mean(checked.predicted == task.labels):.3f} | "
              f"{skill.mean():.3f} | {np.abs(skill - full[0]).max():.3f} | "
              f"{np.corrcoef(skill, full[0])[0, 1]:.3f} | "
              f"{np.abs(checked.point_accuracy - full[1]).max():.3f} |",
              flush=True)


if __name__ == "__main__":
    main()
