"""The lesson: captures, training, arming and a transition, on a private
Karabo with a simulated spectrometer. `bash scripts/teach.sh` runs it.
"""
