"""The provider `rams` of the Processing toolbox."""

from __future__ import annotations

from pathlib import Path

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .export import Export
from .program import SETTING
from .report import Report
from .review import Review
from .survey import Survey

ICON = Path(__file__).parent / "icon.svg"


class RamsProvider(QgsProcessingProvider):
    """Its algorithms, and the setting that names the program."""

    def id(self) -> str:
        """As in `rams:survey`."""
        return "rams"

    def name(self) -> str:
        """As the toolbox shows it."""
        return "rams"

    def longName(self) -> str:  # noqa: N802
        """What it is for."""
        return "rams: candidate hazardous areas in drone orthomosaics"

    def icon(self) -> QIcon:
        """Of the provider and its algorithms."""
        return QIcon(str(ICON))

    def load(self) -> bool:
        """Adds the setting, then the algorithms."""
        ProcessingConfig.settingIcons[self.name()] = self.icon()
        setting = Setting(
            self.name(),
            SETTING,
            "Program (else rams on the PATH)",
            "",
            valuetype=Setting.FILE,
        )
        ProcessingConfig.addSetting(setting)
        ProcessingConfig.readSettings()
        self.refreshAlgorithms()
        return True

    def unload(self) -> None:
        """Takes the setting away."""
        ProcessingConfig.removeSetting(SETTING)

    def loadAlgorithms(self) -> None:  # noqa: N802
        """All of them."""
        for algorithm in (Survey, Report, Export, Review):
            self.addAlgorithm(algorithm())
