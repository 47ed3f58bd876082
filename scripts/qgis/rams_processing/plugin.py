"""The plugin: it registers the provider, in QGIS and in `qgis_process`."""

from __future__ import annotations

from qgis.core import QgsApplication

from .provider import RamsProvider


class RamsPlugin:
    """What QGIS loads and unloads."""

    def __init__(self) -> None:
        """Registers nothing yet."""
        self.provider: RamsProvider | None = None

    def initProcessing(self) -> None:  # noqa: N802
        """Registers the provider; all that `qgis_process` calls."""
        self.provider = RamsProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:  # noqa: N802
        """The same, in QGIS."""
        self.initProcessing()

    def unload(self) -> None:
        """Takes the provider away."""
        if self.provider:
            QgsApplication.processingRegistry().removeProvider(self.provider)
