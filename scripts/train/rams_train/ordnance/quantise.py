"""int8 from the fp32 .onnx, and what it changes.

`python -m rams_train.ordnance.quantise --model FILE.onnx --scenes DIR --out FILE_int8.onnx`

The first layers, the heads and the peak picking stay float32. Calibrated on tiles of training
scenes.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor

from rams_train.common.arrays import Array, F32Array
from rams_train.common.quantisation import TileReader, cpu_session, quantise_static
from rams_train.ordnance.dataset import load_scene, normalise
from rams_train.ordnance.geometry import GSD_M
from rams_train.ordnance.model import Decoder
from rams_train.ordnance.tiled_inference import TILE

HEADS = ("/heat/", "/name/", "/box/")  # in the names of their nodes
# Measured on 91 detections: with these in int8 scores move by 0.065 and 7 % of the detections are
# lost; without, 0.018 and none.
FIRST = ("/stem/", "/blocks.0/", "/blocks.1/")
INT8_OPERATORS = ("Conv", "Add", "Resize")
TILES = 32
MATCH_PX = 2  # centres within so many px are of the same detection
SURE = 0.3  # the score from which a detection may be lost

Run = Callable[[Array], Array]  # float32 [1, 3, TILE, TILE] to [1, K, 6]


def scene_tiles(folder: Path, count: int, seed: int = 0) -> Iterator[F32Array]:
    """Tiles as the survey would cut them, [1, 3, TILE, TILE], one from each of `count` scenes."""
    files = sorted(folder.glob("*_truth.json"))
    rng = np.random.default_rng(seed)
    for index in rng.choice(len(files), min(count, len(files)), replace=False):
        scene = load_scene(files[index])
        h, w = scene.rgba.shape[:2]
        patch = scene.patch(w / 2, h / 2, round(TILE * GSD_M / scene.gsd_m), TILE)
        yield normalise(patch.rgb, patch.valid)[None]


def float_nodes(graph: onnx.GraphProto) -> list[str]:
    """The nodes that stay float32: the first ones, the heads, and all that depends on a head."""
    late: set[str] = set()
    names = []
    for node in graph.node:
        if any(h in node.name for h in HEADS) or late & set(node.input):
            late |= set(node.output)
            names.append(node.name)
        elif any(f in node.name for f in FIRST):
            names.append(node.name)
    return names


def quantise(model: Path, folder: Path, out: Path) -> None:
    """Write the int8 variant of `model`, calibrated on the scenes of `folder`."""
    tiles = TileReader("image", scene_tiles(folder, TILES))
    quantise_static(model, out, tiles, INT8_OPERATORS, float_nodes)
    graph = onnx.load(str(out))
    known = {p.key for p in graph.metadata_props}
    for entry in onnx.load(str(model)).metadata_props:
        if entry.key not in known:
            graph.metadata_props.add().CopyFrom(entry)
    onnx.save(graph, str(out))


@dataclass
class VariantDifference:
    """How the detections of a variant differ from those of the fp32 model, one entry a detection.

    `seconds` has one entry a tile.
    """

    score: list[float] = field(default_factory=list)
    box_px: list[float] = field(default_factory=list)
    lost: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, want: Array, got: Array) -> None:
        """Count the fp32 model's detections `want` [n, 6] against those of the variant."""
        if not len(want):
            return
        far = np.abs(_centres(want)[:, None] - _centres(got)[None]).max(2)
        near = far.argmin(1)
        kept = far.min(1) <= MATCH_PX
        self.lost += (~kept).tolist()
        self.score += np.abs(want[kept, 4] - got[near[kept], 4]).tolist()
        self.box_px += np.abs(want[kept, :4] - got[near[kept], :4]).max(1).tolist()

    def figures(self) -> dict[str, Any]:
        """Means and maxima, as variants.json has them."""
        return {
            "score_mean": _mean(self.score),
            "score_most": max(self.score, default=None),
            "box_px_mean": _mean(self.box_px),
            "lost": _mean(self.lost),
            "finds": len(self.lost),
            "seconds_a_tile": float(np.median(self.seconds)),
        }


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _centres(boxes: Array) -> Array:
    twice: Array = np.stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]], 1)
    return twice / 2


def compare_variants(
    model: Path, others: Mapping[str, Run], folder: Path, count: int = 12, threads: int = 2
) -> dict[str, dict[str, Any]]:
    """How far the detections of other variants lie from those of the fp32 model.

    Over tiles of scenes that they were not calibrated on. For each variant: the difference of the
    scores of peaks within 2 px, and of their boxes; the share of peaks of 0.3 and more that have no
    such partner; seconds a tile.
    """
    reference, report = run_onnx(model, threads), {"fp32": VariantDifference()}
    report |= {name: VariantDifference() for name in others}
    for tile in scene_tiles(folder, count, seed=1):
        want = _timed(reference, tile, report["fp32"])
        want = want[want[:, 4] >= SURE]
        for name, run in others.items():
            report[name].add(want, _timed(run, tile, report[name]))
    return {name: part.figures() for name, part in report.items()}


def _timed(run: Run, tile: Array, part: VariantDifference) -> Array:
    """The detections [K, 6] on a tile, by the second call: the first warms up."""
    run(tile)
    begun = time.perf_counter()
    got: Array = run(tile)[0]
    part.seconds.append(time.perf_counter() - begun)
    return got


def run_onnx(model: Path, threads: int = 2) -> Run:
    """The function that runs an .onnx on a tile."""
    session = cpu_session(model, threads)

    def run(tile: Array) -> Array:
        boxes: Array = session.run(["boxes"], {"image": tile})[0]
        return boxes

    return run


def run_bf16(decoder: Decoder) -> Run:
    """The PyTorch model with bfloat16 arithmetic, as OpenVINO or CUDA providers would run it."""

    def half(x: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return decoder.net(x).float()

    halved = Decoder(half)

    @torch.no_grad()
    def run(tile: Array) -> Array:
        boxes: Tensor = halved(torch.from_numpy(tile))
        return boxes.numpy()

    return run


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--model", required=True)
    ap.add_argument("--scenes", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    model, scenes, out = Path(args.model), Path(args.scenes), Path(args.out)
    quantise(model, scenes, out)
    for name, part in compare_variants(model, {"int8": run_onnx(out)}, scenes).items():
        print(name, part)


if __name__ == "__main__":
    main()
