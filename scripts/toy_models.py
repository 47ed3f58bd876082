#!/usr/bin/env python3
"""Write the toy models of the tests, whose answers can be worked out by hand.

All read 160 x 160 px of RGB scaled to 0..1:

* `red-boxes` finds red squares of 11 x 11 px: "redness" (red minus the larger of green and blue) is
  convolved with a pyramid of 11 x 11 that sums to 1, so that a whole red square peaks at its centre
  pixel and nowhere else; a peak above the threshold is a box of 11 x 11 px around it.
* `red-mask` calls each pixel's redness its probability of "red", and its blueness that of "blue";
* `high-ground` sees no colour: a "hill" is where the height plane is above 1 m and known.

Needs `pip install onnx`. Run it from the project's root after any change; the files are tracked.
"""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TILE = 160
SIDE = 11
PEAKS = 50
INPUT = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, TILE, TILE])


def constants(**arrays):
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]


def excess(channel, others, out):
    """Nodes for: channel minus the larger of two others, at least 0."""
    return [
        helper.make_node("Max", others, [f"{out}_other"]),
        helper.make_node("Sub", [channel, f"{out}_other"], [f"{out}_signed"]),
        helper.make_node("Relu", [f"{out}_signed"], [out]),
    ]


SPLIT = helper.make_node("Split", ["image", "ones"], ["r", "g", "b"], axis=1)
ONES = constants(ones=np.array([1, 1, 1], np.int64))


def red_boxes():
    ramp = np.minimum(np.arange(1, SIDE + 1), np.arange(SIDE, 0, -1)).astype(np.float32)
    pyramid = np.outer(ramp, ramp)
    nodes = [SPLIT, *excess("r", ["g", "b"], "red")]
    nodes += [
        helper.make_node("Conv", ["red", "pyramid"], ["heat"], pads=[SIDE // 2] * 4),
        helper.make_node("MaxPool", ["heat"], ["around"], kernel_shape=[SIDE, SIDE], pads=[SIDE // 2] * 4),
        helper.make_node("Equal", ["heat", "around"], ["is_peak"]),
        helper.make_node("Where", ["is_peak", "heat", "zero"], ["peaks"]),
        helper.make_node("Reshape", ["peaks", "flat"], ["row"]),
        helper.make_node("TopK", ["row", "count"], ["score", "at"], axis=1),
        helper.make_node("Mod", ["at", "tile"], ["col_i"]),
        helper.make_node("Div", ["at", "tile"], ["row_i"]),
        helper.make_node("Cast", ["col_i"], ["x"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["row_i"], ["y"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["x", "before"], ["x0"]),
        helper.make_node("Sub", ["y", "before"], ["y0"]),
        helper.make_node("Add", ["x", "after"], ["x1"]),
        helper.make_node("Add", ["y", "after"], ["y1"]),
        helper.make_node("Mul", ["score", "zero"], ["class"]),
    ]
    parts = ["x0", "y0", "x1", "y1", "score", "class"]
    nodes += [helper.make_node("Unsqueeze", [part, "last"], [f"{part}_3"]) for part in parts]
    nodes.append(helper.make_node("Concat", [f"{part}_3" for part in parts], ["boxes"], axis=2))
    values = ONES + constants(
        pyramid=(pyramid / pyramid.sum())[None, None],
        zero=np.float32(0),
        flat=np.array([0, -1], np.int64),
        count=np.array([PEAKS], np.int64),
        tile=np.int64(TILE),
        before=np.float32(SIDE // 2),
        after=np.float32(SIDE // 2 + 1),
        last=np.array([2], np.int64),
    )
    output = helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["batch", PEAKS, 6])
    return helper.make_graph(nodes, "red-boxes", [INPUT], [output], values)


def red_mask():
    nodes = [SPLIT, *excess("r", ["g", "b"], "red"), *excess("b", ["r", "g"], "blue")]
    nodes.append(helper.make_node("Concat", ["red", "blue"], ["mask"], axis=1))
    output = helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 2, TILE, TILE])
    return helper.make_graph(nodes, "red-mask", [INPUT], [output], ONES)


def high_ground():
    nodes = [
        helper.make_node("Split", ["image", "bands"], ["colours", "height", "known"], axis=1),
        helper.make_node("Greater", ["height", "one"], ["is_high"]),
        helper.make_node("Cast", ["is_high"], ["high"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["high", "known"], ["mask"]),
    ]
    values = constants(bands=np.array([3, 1, 1], np.int64), one=np.float32(1))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 5, TILE, TILE])
    output = helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 1, TILE, TILE])
    return helper.make_graph(nodes, "high-ground", [image], [output], values)


MANIFEST = """\
# Written by scripts/toy_models.py. A toy with known answers, for the tests alone.
name = "{name}"
version = "1.0.0"
task = "{task}"
licence = "as the project"
training_data = []
onnx = "{name}.onnx"
digest = "sha256:{digest}"

[input]
gsd_m = 0.01
tile_px = 160
halo_px = 16
bands = [{bands}]
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
{more}
[output]
layout = "{layout}"
"""

CLASS = """
[[class]]
name = "{name}"
indicator = "{indicator}"
eo_category = "{category}"
geometry = "{geometry}"
size_m = {size}
gsd_max_m = 0.02
threshold = 0.5
hidden_by = []
"""


def write(graph, task, layout, classes, takes_heights=False):
    folder = Path(__file__).parent.parent / "tests" / "models" / graph.name
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    weights = model.SerializeToString(deterministic=True)
    (folder / f"{graph.name}.onnx").write_bytes(weights)
    digest = hashlib.sha256(weights).hexdigest()
    bands = ["red", "green", "blue"] + ["height", "height_valid"] * takes_heights
    text = MANIFEST.format(
        name=graph.name,
        task=task,
        layout=layout,
        digest=digest,
        bands=", ".join(f'"{band}"' for band in bands),
        more="height_gsd_max_m = 0.05\n" * takes_heights,
    )
    text += "".join(CLASS.format(**values) for values in classes)
    (folder / "model.toml").write_text(text)


if __name__ == "__main__":
    square = dict(name="red-square", indicator="mine_surface", category="AP_MINE", geometry="point", size="[0.1, 0.16]")
    write(red_boxes(), "detect", "boxes", [square])
    red = dict(name="red", indicator="berm", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    blue = dict(name="blue", indicator="trench_fire", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    write(red_mask(), "segment", "mask", [red, blue])
    hill = dict(name="hill", indicator="berm", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    write(high_ground(), "segment", "mask", [hill], takes_heights=True)
