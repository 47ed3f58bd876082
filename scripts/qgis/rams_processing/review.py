"""`rams review` as an algorithm."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterString,
)

from . import program
from .base import Algorithm

# On its own: it goes on when QGIS ends.
DETACHED: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    FLAGS = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    DETACHED = {"creationflags": FLAGS}


class Review(Algorithm):
    """People decide on the areas of a survey, in the browser."""

    command = "review"
    title = "Review a survey in the browser"
    help = (
        "Starts the review of a survey on this machine and opens the browser on it. Each decision "
        "is logged under the name given. The review goes on until its process ends, also when "
        "QGIS is closed; the number of the process is in the log here. When it ends, the head of "
        "the review's log is printed into the file named there."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:  # noqa: N802, ARG002
        """Its form."""
        self.add_folder()
        self.addParameter(
            QgsProcessingParameterString(
                "AS",
                "Name that decisions are logged under",
                QgsApplication.userFullName() or QgsApplication.userLoginName(),
            )
        )
        self.addOutput(QgsProcessingOutputString("ADDRESS", "Address of the review"))
        self.addOutput(QgsProcessingOutputNumber("PROCESS", "Number of its process"))
        self.addOutput(QgsProcessingOutputFile("LOG", "What it prints"))

    def processAlgorithm(  # noqa: N802
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Starts the program and waits for its address. It opens the browser itself: the address
        holds for one opening.
        """
        folder = self.parameterAsString(parameters, "DIR", context)
        name = self.parameterAsString(parameters, "AS", context)
        command = [program.find(), "review", folder, "--as", name]
        feedback.pushCommandInfo(subprocess.list2cmdline(command))
        # Readable by this user alone, as the address must be.
        handle, printed = tempfile.mkstemp(prefix="rams-review-", suffix=".txt")
        with os.fdopen(handle, "wb") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **DETACHED
            )
        while True:
            ended = process.poll() is not None
            text = Path(printed).read_text(encoding="utf-8", errors="replace")
            address = re.search(r"^open (\S+)", text, re.MULTILINE)
            if address or ended:
                break
            if feedback.isCanceled():
                process.terminate()
                return {}
            time.sleep(0.1)
        feedback.pushInfo(text.strip())
        if not address:
            Path(printed).unlink()
            raise QgsProcessingException(text.strip().removeprefix("error: "))
        feedback.pushInfo(f"It goes on until process {process.pid} ends. It prints to {printed}.")
        return {"ADDRESS": address[1], "PROCESS": process.pid, "LOG": printed}
