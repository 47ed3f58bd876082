"""`rams export` as an algorithm."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
)

from . import program
from .base import Algorithm, tell
from .run import run


class Export(Algorithm):
    """A survey in another format."""

    command = "export"
    title = "Export a survey"
    help = (
        "Writes a survey in another format, reads it back and checks it as an import would. "
        "Formats of one layer a file put the layer's name into the file's name."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:  # noqa: N802, ARG002
        """Its form."""
        self.add_folder()
        self.addParameter(
            QgsProcessingParameterEnum(
                "FORMAT", "Format", program.formats(), usesStaticStrings=True
            )
        )
        self.addParameter(
            QgsProcessingParameterBoolean(
                "REVIEWED", "Only what people accepted in a review, as they drew it", False
            )
        )
        self.add_min_confidence()
        self.addParameter(
            QgsProcessingParameterFileDestination("OUTPUT", "File", "All files (*.*)")
        )

    def processAlgorithm(  # noqa: N802
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Runs the program."""
        form = self.parameterAsEnumString(parameters, "FORMAT", context)
        out = self.parameterAsFileOutput(parameters, "OUTPUT", context)
        # What QGIS calls a temporary file of any kind, which is no name of a format.
        if out.endswith(".file"):
            out = f"{out.removesuffix('.file')}.{form}"
        arguments = ["export", self.parameterAsString(parameters, "DIR", context)]
        arguments += ["--format", form]
        arguments += ["--out", out]
        if self.parameterAsBoolean(parameters, "REVIEWED", context):
            arguments.append("--reviewed")
        arguments += self.min_confidence(parameters, context)
        outcome = run(arguments, feedback)
        tell(
            outcome, feedback, "An import would refuse some of it; the files are written.", "import"
        )
        return {"OUTPUT": out}
