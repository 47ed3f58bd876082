"""int8 from the fp32 .onnx.

The first layers, the branch for heights and the last layers stay float32. Calibrated on windows of
training scenes, half of them with heights.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx

from rams_train.common.arrays import F32Array
from rams_train.common.quantisation import TileReader, cpu_session, quantise_static
from rams_train.earthworks.dataset import load_scene
from rams_train.earthworks.export import TILE
from rams_train.earthworks.geometry import GSD_M, cut_window
from rams_train.earthworks.planes import make_crop

FLOAT = ("/stem/", "/blocks.0/", "/blocks.1/", "/relief/", "/head/")  # in the names of nodes
WINDOWS = 32


def scene_planes(folder: Path, count: int) -> Iterator[F32Array]:
    """Planes [1, 5, CROP, CROP], one window from each of `count` scenes."""
    rng = np.random.default_rng(0)
    files = sorted(folder.glob("*_truth.json"))
    for index in rng.choice(len(files), min(count, len(files)), replace=False):
        image = load_scene(files[index])
        h, w = image.label.shape
        x, y = rng.uniform(0.2, 0.8, 2) * (w, h)
        planes, _, _ = make_crop(rng, cut_window(image, x, y, 1.0), GSD_M)
        yield planes[None]


def float_nodes(graph: onnx.GraphProto) -> list[str]:
    """The nodes that stay float32."""
    return [n.name for n in graph.node if any(f in n.name for f in FLOAT)]


def quantise(model: Path, folder: Path, out: Path) -> None:
    """Write the int8 variant of `model`, calibrated on the scenes of `folder`."""
    windows = TileReader("planes", scene_planes(folder, WINDOWS))
    quantise_static(model, out, windows, ["Conv"], float_nodes)


def seconds_a_tile(model: Path, count: int = 12) -> float:
    """The median time of a tile on one thread, as a worker of the survey."""
    session = cpu_session(model, threads=1)
    tile = np.random.default_rng(0).normal(0, 1, (1, 5, TILE, TILE)).astype(np.float32)
    spent = []
    for _ in range(count):
        begun = time.perf_counter()
        session.run(None, {"planes": tile})
        spent.append(time.perf_counter() - begun)
    return float(np.median(spent))
