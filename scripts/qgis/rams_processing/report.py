"""`rams report` as an algorithm."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputHtml,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from .base import Algorithm
from .run import run


class Report(Algorithm):
    """A survey as a report that people read and print."""

    command = "report"
    title = "Report of a survey"
    help = (
        "Writes FOLDER/report.html: what was not assessed, the map, and every area with pictures "
        "of its finds. With an area's id, such as A0001, its sheet for the field, sheet-A0001.html."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:  # noqa: N802, ARG002
        """Its form."""
        self.add_folder()
        self.addParameter(
            QgsProcessingParameterString(
                "SHEET", "The field sheet of one area, by its id, in place of all", optional=True
            )
        )
        self.addParameter(
            QgsProcessingParameterBoolean("PDF", "As PDF, too (needs a browser)", False)
        )
        self.addParameter(
            QgsProcessingParameterBoolean("MODEL_CARDS", "With the cards of the models", False)
        )
        self.add_advanced(
            QgsProcessingParameterMultipleLayers(
                "ORTHOMOSAICS",
                "Orthomosaics, where they have moved",
                QgsProcessing.TypeRaster,
                optional=True,
            )
        )
        self.add_min_confidence()
        self.addOutput(QgsProcessingOutputHtml("REPORT", "Report"))

    def processAlgorithm(  # noqa: N802
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Runs the program."""
        arguments = ["report", self.parameterAsString(parameters, "DIR", context)]
        sheet = self.parameterAsString(parameters, "SHEET", context)
        arguments += ["--sheet", sheet] if sheet else []
        for name, option in (("PDF", "--pdf"), ("MODEL_CARDS", "--model-cards")):
            if self.parameterAsBoolean(parameters, name, context):
                arguments.append(option)
        for path in self.rasters(parameters, "ORTHOMOSAICS", context):
            arguments += ["--ortho", path]
        arguments += self.min_confidence(parameters, context)
        text = run(arguments, feedback).text
        feedback.pushInfo(text)
        pages = [line for line in text.splitlines() if line.endswith(".html")]
        return {"REPORT": pages[0] if pages else None}
