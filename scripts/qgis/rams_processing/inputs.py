"""Layers -> files that the program reads."""

from __future__ import annotations

from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsProcessingException,
    QgsProviderRegistry,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

# A survey that was interrupted goes on with inputs of the same bytes: GeoPackages note the time of
# their last change.
ANY_TIME = "2000-01-01T00:00:00Z"


def source_name(layer: QgsVectorLayer) -> str:
    """What the layer is called where it comes from, by which a mapping of evidence names it."""
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = parts.get("path") or ""
    return parts.get("layerName") or (Path(path).stem if path else layer.name())


def write_geopackage(layer: QgsVectorLayer, name: str, folder: Path) -> str:
    """Writes a layer as the only one of a GeoPackage, and returns where.

    Raises QgsProcessingException where it cannot be written.
    """
    folder.mkdir()
    path = folder / f"{name.replace('/', '_')}.gpkg"
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    before = gdal.GetConfigOption("OGR_CURRENT_DATE")
    gdal.SetConfigOption("OGR_CURRENT_DATE", ANY_TIME)
    try:
        error, words, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(
            layer, str(path), QgsCoordinateTransformContext(), options
        )
    finally:
        gdal.SetConfigOption("OGR_CURRENT_DATE", before)
    if error != QgsVectorFileWriter.NoError:
        raise QgsProcessingException(f"cannot write the layer {name} as GeoPackage: {words}")
    return str(path)
