"""Package metadata; tool settings are in pyproject.toml."""
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class WithReleasedModels(build_py):
    """The released models, manifests and examples go into the package."""

    def run(self):
        super().run()
        if self.editable_mode:      # they are used where they are
            return
        folder = Path(self.build_lib) / "spectra_classifier" / "released"
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*HERE.glob("models/*.onnx"),
                     *HERE.glob("manifest/*.json")):
            self.copy_file(str(path), str(folder / path.name))


TRAIN = ["torch>=2.4"]
OFFLINE = ["EXtra-data>=1.25", "dask[distributed]>=2026.1", "hdf5plugin"]
#: files of spectrometers
FORMATS = ["jcamp>=1.3", "spc-io>=0.2"]
# from scikit-learn 1.6 on an estimator checks its input by validate_data
NOTEBOOK = ["pandas", "xarray", "scikit-learn>=1.6"]
TEST = ["setuptools>=64", "setuptools-scm>=8", "packaging", "pytest",
        "pytest-asyncio", "pytest-timeout", "pytest-xdist", "hypothesis",
        "ruff", "mypy", "import-linter", "pybaselines", "scipy>=1.14",
        "colorspacious",
        "nexusformat>=2.1", "h5netcdf", "netCDF4", "silx>=2", "scippnexus",
        "nbclient", "nbformat", "ipykernel<7",  # Karabo pins tornado
        "karabo-hdf5writer", "damnit", "EXtra-proposal",
        "karabo-bridge", "euxfel-EXtra", "ruptures"]
DOCS = ["mkdocs-material>=9.5", "mkdocstrings[python]>=1.0", "codespell>=2.4",
        "proselint>=0.16"]

setup(
    name="spectra_classifier",
    description="Live classification of X-ray spectra, pulse by pulse, "
                "as Karabo devices",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    python_requires=">=3.12",
    cmdclass={"build_py": WithReleasedModels},
    package_dir={"": "src"},
    packages=find_packages(
        "src", include=["spectra_classifier", "spectra_classifier.*"]),
    package_data={"spectra_classifier": ["**/*.json", "**/*.npz",
                                         "__init__.pyi", "py.typed"]},
    # Karabo itself comes from the installation this package goes into
    install_requires=["numpy", "numba", "onnx", "onnxruntime", "h5py",
                      "jsonschema", "typer", "rich", "matplotlib",
                      "euxfel-bunch-pattern>=0.6"],
    extras_require={"karabo": ["karabo[full]==3.1.2"], "train": TRAIN,
                    "offline": OFFLINE, "formats": FORMATS,
                    "notebook": NOTEBOOK,
                    "test": TRAIN + OFFLINE + FORMATS + NOTEBOOK + TEST
                    + DOCS,
                    "docs": DOCS},
    entry_points={
        "console_scripts": [
            "spectra-classifier = spectra_classifier.cli.main:app"],
        "karabo.middlelayer_device": [
            f"{name} = spectra_classifier.devices.{module}:{name}"
            for module, name in (
                ("spectra_classifier.device", "SpectraClassifier"),
                ("spectra_collector.device", "SpectraCollector"),
                ("permit_guard.device", "PermitGuard"),
                ("spectra_trainer.device", "SpectraTrainer"),
                ("state_scan.device", "StateScan"),
                ("peak_monitor.device", "PeakMonitor"),
                ("recording_adapter.device", "RecordingAdapter"),
                ("spectrometer_simulator.device", "SpectrometerSimulator"),
                ("simulated_beamline.motor", "SimulatedMotor"),
                ("simulated_beamline.shutter", "SimulatedShutter"),
                ("simulated_beamline.time_server", "SimulatedTimeServer"),
                ("simulated_beamline.pulse_pattern_decoder",
                 "SimulatedPulsePatternDecoder"),
                ("simulated_beamline.gas_monitor", "SimulatedXgm"),
                ("simulated_beamline.image_to_spectrum",
                 "SimulatedImageToSpectrum"),
                ("simulated_beamline.watchdog", "SimulatedWatchdog"),
                ("simulated_beamline.digital_output",
                 "SimulatedDigitalOutput"),
                ("simulated_beamline.soft_interlock",
                 "SimulatedSoftInterlock"))],
        "karabo.macro_device": [
            f"{name} = spectra_classifier.devices.macros.{module}:{name}"
            for module, name in (
                ("wait_for_sample_state", "WaitForSampleState"),
                ("act_on_state_change", "ActOnStateChange"),
                ("teach_and_wait", "TeachAndWait"))],
    },
)
