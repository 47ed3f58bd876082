"""A painted flight with known squares, surveyed once."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rams

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "tests" / "models"
GSD_M = 0.01
SIDE = 300
# Upper left corners and colours: two alike (one where four tiles meet), and two of other colours.
SQUARES = {
    (40, 50): (255, 0, 0),
    (122, 123): (255, 0, 0),
    (200, 60): (240, 100, 0),
    (230, 200): (240, 0, 100),
}
SQUARE_PX = 11


def paint(path, gsd_m=GSD_M):
    """Mottled grey ground of 300 x 300 px with the squares, upper left corner at 500000, 1000."""
    grey = np.random.default_rng(1).integers(90, 130, (SIDE, SIDE, 1), dtype=np.uint8)
    pixels = np.repeat(grey, 3, axis=2)
    for (x, y), colour in SQUARES.items():
        pixels[y : y + SQUARE_PX, x : x + SQUARE_PX] = colour
    plain = path.with_suffix(".ppm")
    plain.write_bytes(f"P6 {SIDE} {SIDE} 255\n".encode() + pixels.tobytes())
    across = SIDE * gsd_m
    corners = [str(it) for it in (500_000, 1_000, 500_000 + across, 1_000 - across)]
    words = ["gdal_translate", "-q", "-a_srs", "EPSG:32633", "-a_ullr", *corners, plain, path]
    subprocess.run(words, check=True)
    plain.unlink()
    return path


@pytest.fixture(scope="session")
def flight(tmp_path_factory):
    return paint(tmp_path_factory.mktemp("flight") / "flight.tif")


@pytest.fixture(scope="session")
def surveyed(flight):
    return rams.survey(
        flight,
        flight.parent / "survey",
        models=MODELS / "red-embeddings",
        metadata={"task": "T-12", "nearest_place": "The Buoy"},
    )


@pytest.fixture(scope="session")
def truth(flight):
    """Three of the four squares, and one that is not in the picture."""
    corners = [(40, 50), (122, 123), (200, 60), (20, 250)]
    annotation = {"image_id": 1, "category_id": 1, "area": SQUARE_PX**2, "iscrowd": 0}
    text = {
        "images": [
            {"id": 1, "file_name": "flight.tif", "width": SIDE, "height": SIDE, "valid_m2": 9.0}
        ],
        "annotations": [
            annotation | {"id": at, "bbox": [x, y, SQUARE_PX, SQUARE_PX]}
            for at, (x, y) in enumerate(corners, 1)
        ],
        "categories": [{"id": 1, "name": "red-square", "supercategory": "square"}],
    }
    path = flight.parent / "truth.json"
    path.write_text(json.dumps(text))
    return path
