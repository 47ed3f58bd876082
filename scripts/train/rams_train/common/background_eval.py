"""Ground without known objects, as orthomosaics to survey and as COCO for `rams evaluate`."""
from pathlib import Path

import rasterio
from rasterio.windows import Window


def georeference(image, file, gsd_m, side_px=None):
    """An aerial image, or the middle `side_px` of it, as GeoTIFF with square pixels of `gsd_m` at an invented place."""
    with rasterio.open(image) as src:
        w, h = min(src.width, side_px or src.width), min(src.height, side_px or src.height)
        rgb = src.read([1, 2, 3], window=Window((src.width - w) // 2, (src.height - h) // 2, w, h))
    profile = {"driver": "GTiff", "width": w, "height": h, "count": 3, "dtype": "uint8", "crs": "EPSG:32631",
               "transform": rasterio.transform.from_origin(500000, 1000, gsd_m, gsd_m), "tiled": True, "compress": "deflate"}
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(file, "w", **profile) as out:
        out.write(rgb)
    return Path(file)


def coco(files, names):
    """COCO of orthomosaics without objects: the ground seen in each, and what classes there might be."""
    return {"images": [image(i, f) for i, f in enumerate(files, 1)], "annotations": [], "categories": [{"id": i, "name": n} for i, n in enumerate(names, 1)]}


def image(number, path):
    """The COCO entry of an orthomosaic."""
    path = Path(path)
    with rasterio.open(path) as src:
        gsd_m = abs(src.res[0])
        seen = int((src.dataset_mask() > 0).sum())
        return {"id": number, "file_name": path.name, "width": src.width, "height": src.height, "gsd_m": gsd_m, "valid_m2": seen * gsd_m**2}
