"""What the algorithms share."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QIcon

from .run import DONE_WITH_GAPS, Outcome

NO_HAZARD = (
    "What comes out are candidates, to be reviewed by people. No detection is not no hazard: "
    "ground that was not assessed is in the layer Gaps."
)


class Algorithm(QgsProcessingAlgorithm):
    """A command of the program."""

    # Of the command, what it is called, and what it does.
    command = ""
    title = ""
    help = ""

    def name(self) -> str:
        """As in `rams:survey`."""
        return self.command

    def displayName(self) -> str:  # noqa: N802
        """As the toolbox shows it."""
        return self.title

    def shortHelpString(self) -> str:  # noqa: N802
        """Beside the form."""
        return f"{self.help}\n\n{NO_HAZARD}"

    def icon(self) -> QIcon:
        """That of the provider."""
        return self.provider().icon() if self.provider() else QIcon()

    def createInstance(self) -> Algorithm:  # noqa: N802
        """Another one, for a run."""
        return type(self)()

    def add_folder(self) -> None:
        """The folder of a survey."""
        self.addParameter(
            QgsProcessingParameterFile(
                "DIR", "Folder of the survey", behavior=QgsProcessingParameterFile.Folder
            )
        )

    def add_min_confidence(self) -> None:
        """The least confidence of an area."""
        self.add_advanced(
            QgsProcessingParameterNumber(
                "MIN_CONFIDENCE",
                "Least confidence of an area",
                QgsProcessingParameterNumber.Double,
                optional=True,
                minValue=0,
                maxValue=1,
            )
        )

    def min_confidence(
        self, parameters: dict[str, Any], context: QgsProcessingContext
    ) -> list[str]:
        """The same, for the program."""
        if parameters.get("MIN_CONFIDENCE") is None:
            return []
        value = self.parameterAsDouble(parameters, "MIN_CONFIDENCE", context)
        return ["--min-confidence", str(value)]

    def add_advanced(self, parameter: QgsProcessingParameterDefinition) -> None:
        """A parameter that few need."""
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.FlagAdvanced)
        self.addParameter(parameter)

    def rasters(
        self, parameters: dict[str, Any], name: str, context: QgsProcessingContext
    ) -> list[str]:
        """Files of raster layers."""
        return [
            raster_file(layer) for layer in self.parameterAsLayerList(parameters, name, context)
        ]


def raster_file(layer: QgsRasterLayer) -> str:
    """The file of a raster layer.

    Raises QgsProcessingException for a layer without one, as of a map service.
    """
    if layer.providerType() != "gdal":
        raise QgsProcessingException(f"{layer.name()} is no file: save it as GeoTIFF first")
    return str(layer.source().split("|")[0])


def tell(outcome: Outcome, feedback: QgsProcessingFeedback, warning: str, sign: str) -> None:
    """Says what a run came to. Where it ended with gaps, the warning, with the lines of its
    answer that begin with the sign.
    """
    feedback.pushInfo(outcome.text)
    if outcome.code == DONE_WITH_GAPS:
        lines = [line for line in outcome.text.splitlines() if line.startswith(sign)]
        feedback.pushWarning("\n".join([warning, *lines]))
