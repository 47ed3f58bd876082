#!/usr/bin/env python3
"""What others need for the same file and the same .onnx: SAHI, a plain loop, and rams, in turn.

    python3 -m venv .venv && .venv/bin/pip install -r benches/peers/requirements.txt
    .venv/bin/python benches/peers/compare.py ORTHO MODEL [--rams target/release/rams] [--rounds 3]

MODEL is a folder with a model.toml of layout "yolo", mean 0, std 1, and one threshold for all
classes; ORTHO has pixels of the model's GSD. Everyone is a process of its own, held on one core, and
cuts with the same tile and step. CPU seconds are the children's own (user + system), start, imports
and loading of the model included; machines are noisy: the ratios are taken round by round.
"""

import argparse
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("ortho", type=Path)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("--rams", type=Path, default=Path("target/release/rams"))
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--device", default="cpu", help="of rams; cpu is the runtime that the others use")
    arguments.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    arguments.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    model = Model(given.model)
    if given.run:
        json.dump(RUNS[given.run](given.ortho, model), given.out.open("w"))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(given, model, Path(folder))


class Model:
    def __init__(self, folder):
        described = tomllib.loads((folder / "model.toml").read_text())
        self.onnx = folder / described["onnx"]
        self.tile_px = described["input"]["tile_px"]
        self.step_px = self.tile_px - 2 * described["input"]["halo_px"]
        self.names = [one["name"] for one in described["class"]]
        thresholds = {one["threshold"] for one in described["class"]}
        assert described["output"]["layout"] == "yolo" and len(thresholds) == 1, "one threshold, layout yolo"
        self.threshold = thresholds.pop()


def compare(given, model, folder):
    seconds = {name: [] for name in [*RUNS, "rams"]}
    boxes = {}
    for number in range(given.rounds):
        for name in seconds:
            out = folder / f"{name}.json"
            if name == "rams":
                command = [given.rams, "survey", given.ortho, "--model", given.model, "-o", folder / "survey"]
                command += ["--overwrite", "--threads", "1", "--device", given.device]
            else:
                command = [sys.executable, __file__, given.ortho, given.model, "--run", name, "--out", out]
            taken, wall, rss_mb = child(command, may_have_gaps=name == "rams")
            seconds[name].append(taken)
            survey = folder / "survey" / "survey.gpkg"
            boxes[name] = surveyed(survey, model) if name == "rams" else json.load(out.open())
            print(f"round {number + 1} {name:6} {taken:7.2f} CPU s {wall:7.1f} s wall {rss_mb:6.0f} MB "
                  f"{len(boxes[name]):6} boxes", flush=True)
    print(f"\n{'':6} CPU s (median)  rams / it, round by round   its boxes seen by rams   rams' boxes seen by it")
    for name, taken in seconds.items():
        ratios = [ours / theirs for ours, theirs in zip(seconds["rams"], taken)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        theirs, ours = share(boxes[name], boxes["rams"]), share(boxes["rams"], boxes[name])
        print(f"{name:6} {statistics.median(taken):14.2f}  {spread:27} {theirs:22} {ours:>24}")


def child(command, may_have_gaps):
    """CPU seconds, wall seconds and peak memory of a process on one core."""
    started = time.monotonic()
    one_core = {min(os.sched_getaffinity(0))}
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, one_core),
        env={**os.environ, "OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"},
    )
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0 and not (may_have_gaps and code == 3):
        sys.exit(f"{command} ended with {code}:\n{said.decode()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024


def sahi(ortho, model):
    from sahi import AutoDetectionModel
    from sahi.predict import get_sliced_prediction

    detector = AutoDetectionModel.from_pretrained(
        model_type="ultralytics", model_path=str(model.onnx), confidence_threshold=model.threshold, device="cpu",
        image_size=model.tile_px,
    )
    overlap = 1 - model.step_px / model.tile_px
    found = get_sliced_prediction(
        str(ortho), detector, slice_height=model.tile_px, slice_width=model.tile_px,
        overlap_height_ratio=overlap, overlap_width_ratio=overlap, verbose=0,
    )
    values = [[*one.bbox.to_xyxy(), one.category.id, one.score.value] for one in found.object_prediction_list]
    return [[float(value) for value in one] for one in values]


def plain(ortho, model):
    """The loop that everyone writes first; without the merging that would have to follow."""
    import numpy as np
    import onnxruntime
    import rasterio
    from rasterio.windows import Window

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model.onnx), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    side, boxes = model.tile_px, []
    with rasterio.open(ortho) as raster:
        for top in starts(raster.height, side, model.step_px):
            for left in starts(raster.width, side, model.step_px):
                pixels = raster.read([1, 2, 3], window=Window(left, top, side, side))
                values = (pixels.astype(np.float32) / 255)[None]
                output = session.run(None, {name: values})[0][0]
                best = output[4:].max(axis=0)
                keep = best >= model.threshold
                (x, y, w, h), classes = output[:4, keep], output[4:, keep].argmax(axis=0)
                found = np.stack([x - w / 2 + left, y - h / 2 + top, x + w / 2 + left, y + h / 2 + top, classes,
                                  best[keep]], axis=1)
                boxes += found.tolist()
    return boxes


RUNS = {"sahi": sahi, "plain": plain}


def starts(size, side, step):
    return [*range(0, size - side, step), size - side]


def surveyed(path, model):
    columns = "px_x0, px_y0, px_x1, px_y1, class, score"
    # Closed, or the next round could not replace it.
    with contextlib.closing(sqlite3.connect(path)) as survey:
        rows = survey.execute(f"SELECT {columns} FROM features").fetchall()
    return [[*row[:4], model.names.index(row[4]), row[5]] for row in rows]


def share(boxes, others):
    """How many boxes have another of an IoU of 0.5 or more."""
    import numpy as np

    if not boxes or not others:
        return f"0 of {len(boxes)}"
    others = np.array(others, dtype=float)[:, :4]
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    met = 0
    for x0, y0, x1, y1, *_ in boxes:
        width = (np.minimum(others[:, 2], x1) - np.maximum(others[:, 0], x0)).clip(0)
        height = (np.minimum(others[:, 3], y1) - np.maximum(others[:, 1], y0)).clip(0)
        shared = width * height
        met += (shared / (areas + (x1 - x0) * (y1 - y0) - shared)).max() >= 0.5
    return f"{met} of {len(boxes)}"


if __name__ == "__main__":
    main()
