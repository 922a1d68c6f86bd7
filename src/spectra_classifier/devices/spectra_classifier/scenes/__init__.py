"""Scenes that `SpectraClassifier` brings along, one module each.

Numbers, texts and buttons are widgets on properties; what a widget cannot
show well is a picture that the device draws (`screens`), at most twice a
second and only while the scene is open.
"""
from .bins import bins
from .diagnostics import diagnostics
from .model import model
from .overview import overview
from .pulses import pulses
from .pulses_and_bins import explain
from .settings import settings

#: name -> function of the device id; the first one is the default
SCENES = {"overview": overview, "pulses": pulses, "explain": explain,
          "bins": bins, "model": model, "diagnostics": diagnostics,
          "settings": settings}
