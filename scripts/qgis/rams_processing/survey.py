"""`rams survey` as an algorithm."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeatureRequest,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
)

from . import layers, program
from .base import Algorithm, raster_file, tell
from .inputs import source_name, write_geopackage
from .run import run

POINTS = ["sensitive", "balanced", "strict"]
FILES = {
    "MAPPING": ("--mapping", "Which fields of the evidence say what (mapping.toml)"),
    "DOCTRINE": ("--doctrine", "Doctrine profile, in place of the baseline"),
    "SURVEY_METADATA": ("--survey-metadata", "Who, when and where (survey.toml)"),
}


class Survey(Algorithm):
    """From orthomosaics to the map of a survey."""

    command = "survey"
    title = "Survey orthomosaics"
    help = (
        "Looks for ordnance and earthworks in orthomosaics and draws candidate suspected hazardous "
        "areas into FOLDER/survey.gpkg, whose layers come into the project styled and grouped.\n\n"
        "Without a model chosen, all models run. Cancel keeps what is done: the same run goes on "
        "from there. A finished survey is replaced only with Overwrite; take its layers out of the "
        "project first."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:  # noqa: N802, ARG002
        """Its form."""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        for parameter in (
            QgsProcessingParameterMultipleLayers(
                "ORTHOMOSAICS", "Orthomosaics", QgsProcessing.TypeRaster
            ),
            QgsProcessingParameterEnum(
                "MODELS",
                "Models (all, where none is chosen)",
                program.models(),
                allowMultiple=True,
                optional=True,
                usesStaticStrings=True,
            ),
            QgsProcessingParameterFile(
                "MODEL",
                "Another model: the folder with its model.toml",
                behavior=QgsProcessingParameterFile.Folder,
                optional=True,
            ),
            QgsProcessingParameterFeatureSource(
                "AOI", "Limit of the survey", [QgsProcessing.TypeVectorPolygon], optional=True
            ),
            QgsProcessingParameterRasterLayer("DSM", "Surface model", optional=True),
            QgsProcessingParameterMultipleLayers(
                "EVIDENCE",
                "External evidence: what others know of the ground",
                QgsProcessing.TypeVector,
                optional=True,
            ),
            QgsProcessingParameterEnum(
                "OPERATING_POINT",
                "Operating point: sensitive misses the least, strict has the fewest false alarms",
                POINTS,
                defaultValue="balanced",
                usesStaticStrings=True,
            ),
            QgsProcessingParameterBoolean(
                "OVERWRITE", "Overwrite a survey that is in the folder already", False
            ),
            QgsProcessingParameterBoolean("LOAD", "Add its layers to the project", True),
        ):
            self.addParameter(parameter)
        for name, (_, title) in FILES.items():
            self.add_advanced(QgsProcessingParameterFile(name, title, optional=True))
        self.add_min_confidence()
        # Not a destination of Processing: those may be temporary, which hours of work are not.
        self.add_folder()
        self.addOutput(QgsProcessingOutputFolder("FOLDER", "Folder of the survey"))
        self.addOutput(QgsProcessingOutputFile("SURVEY", "Map of the survey"))

    def prepareAlgorithm(  # noqa: N802
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,  # noqa: ARG002
    ) -> bool:
        """Layers become files here, where those of the project may be read."""
        self._folder = tempfile.TemporaryDirectory(prefix="rams-")
        orthomosaics = self.rasters(parameters, "ORTHOMOSAICS", context)
        models = [
            *self.parameterAsEnumStrings(parameters, "MODELS", context),
            self.parameterAsString(parameters, "MODEL", context),
        ]
        models = [model for model in models if model]
        self._out = Path(self.parameterAsString(parameters, "DIR", context))
        self._load = self.parameterAsBoolean(parameters, "LOAD", context)
        self._passes = len(orthomosaics) * (len(models) or len(program.models()) or 1)
        arguments = ["survey", *orthomosaics, "--out", str(self._out)]
        for model in models:
            arguments += ["--model", model]
        arguments += self._layers(parameters, context, Path(self._folder.name))
        for name, (option, _) in FILES.items():
            path = self.parameterAsString(parameters, name, context)
            arguments += [option, path] if path else []
        point = self.parameterAsEnumString(parameters, "OPERATING_POINT", context)
        arguments += ["--operating-point", point] if point != "balanced" else []
        arguments += self.min_confidence(parameters, context)
        if self.parameterAsBoolean(parameters, "OVERWRITE", context):
            arguments.append("--overwrite")
        self._arguments = arguments
        return True

    def _layers(
        self, parameters: dict[str, Any], context: QgsProcessingContext, folder: Path
    ) -> list[str]:
        """Limit, surface model and evidence, for the program."""
        arguments = []
        limit = self.parameterAsSource(parameters, "AOI", context)
        if limit:
            layer = limit.materialize(QgsFeatureRequest().setNoAttributes())
            arguments += ["--aoi", write_geopackage(layer, "limit", folder / "limit")]
        surface = self.parameterAsRasterLayer(parameters, "DSM", context)
        if surface:
            arguments += ["--dsm", raster_file(surface)]
        evidence = self.parameterAsLayerList(parameters, "EVIDENCE", context) or []
        for number, layer in enumerate(evidence):
            path = write_geopackage(layer, source_name(layer), folder / str(number))
            arguments += ["--evidence", path]
        return arguments

    def processAlgorithm(  # noqa: N802
        self,
        parameters: dict[str, Any],  # noqa: ARG002
        context: QgsProcessingContext,  # noqa: ARG002
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Runs the program."""
        if self._folder is None:
            raise QgsProcessingException("a survey is prepared before it is run")
        with self._folder:
            outcome = run(self._arguments, feedback, self._passes)
        if outcome.cancelled:
            feedback.pushInfo("What is done is kept: the same run goes on from there.")
        tell(
            outcome,
            feedback,
            "Ground that should have been assessed was not. The layer Gaps says where and why.",
            "NOT ",
        )
        self._survey = self._out / "survey.gpkg"
        return {"FOLDER": str(self._out), "SURVEY": str(self._survey)}

    def postProcessAlgorithm(  # noqa: N802
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Adds the layers, on the thread on which that may be done."""
        if self._load and context.project() and self._survey.exists():
            group = layers.load(self._survey, context.project())
            feedback.pushInfo(f"Its layers are in the group {group.name()}.")
        return {}
