"""Surveys, reports, exports and reviews of `rams` in the Processing toolbox of QGIS."""

from __future__ import annotations

from typing import Any

from .plugin import RamsPlugin


def classFactory(iface: Any) -> RamsPlugin:  # noqa: N802, ARG001 (QGIS calls it so)
    """The plugin, for QGIS."""
    return RamsPlugin()
