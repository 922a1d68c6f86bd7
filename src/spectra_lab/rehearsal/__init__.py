"""The rehearsal: every fault of the list, at random, and a judge.

    bash scripts/rehearse.sh --seconds 600 --seed 1 --summary r.json

Source, classifier, guard and shutter run as at a beamline. Faults strike in
an order that the seed fixes; a judge, who believes nobody, compares what
the source says it sent with what the classifier says it did, and the clock
of the shutter with the clock of the fault.
"""
