"""The command line, run in this process."""
import json
from dataclasses import dataclass

from typer.testing import CliRunner

from spectra_classifier.cli.main import app


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""
    code: int
    stdout: str
    stderr: str

    @property
    def document(self):
        """stdout as the single JSON document that it must be."""
        return json.loads(self.stdout)


def invoke(*words):
    """The `Outcome` of a command; what it does not explain is raised."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)
