"""Errors that name what is wrong and what to do about it."""


class SpectraError(ValueError):
    """Base of all errors of this package; scripts may expect ValueError."""


class InputError(SpectraError):
    """Spectra or labels that cannot be used."""


class DataFileError(SpectraError):
    """A data file that cannot be read; names file, line or dataset."""


class ModelFileError(SpectraError):
    """A model file that is refused; the reason is the message."""


class ConfigurationError(SpectraError):
    """A setting outside its limits or at odds with another one."""
