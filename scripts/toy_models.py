#!/usr/bin/env python3
"""Write the toy models of the tests, whose answers can be worked out by hand.

All read 160 x 160 px of RGB scaled to 0..1:

* `red-boxes` finds red squares of 11 x 11 px: "redness" (red minus the larger of green and blue) is
  convolved with a pyramid of 11 x 11 that sums to 1, so that a whole red square peaks at its centre
  pixel and nowhere else; a peak above the threshold is a box of 11 x 11 px around it.
* `red-embeddings` finds the same, and gives the colour of the centre pixel, [red, green, blue] of 0 to 1, as the
  embedding of each;
* `red-mask` calls each pixel's redness its probability of "red", and its blueness that of "blue";
* `high-ground` sees no colour: a "hill" is where the height plane is above 1 m and known.

Models from elsewhere, in `foreign`, have no model.toml, and the metadata that their exporters leave. All
find the red squares of `red-boxes`, or paint what is red, and give their answers in the ways of the world.
Some are broken: NaN, always or on blue, coordinates from 0 to 1, an operator that no runtime knows, and outputs that
are no embeddings.

Models in `external` keep their weights in a second file, as PyTorch exports them: `flat` those of its graph, `deep` those
of a branch, of a node, of a function and of a sparse tensor.

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


def peaks():
    """Nodes and constants for the peaks of redness: x0, y0, x1, y1, score, each [batch, peaks]."""
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
    return nodes, values


def listed(parts, out, axis=2):
    """Nodes for a list of boxes: [batch, peaks, parts], or [batch, parts, peaks] along axis 1."""
    last = "last" if axis == 2 else "middle"
    nodes = [helper.make_node("Unsqueeze", [part, last], [f"{part}_3"]) for part in dict.fromkeys(parts)]
    return [*nodes, helper.make_node("Concat", [f"{part}_3" for part in parts], [out], axis=axis)]


def red_boxes():
    nodes, values = peaks()
    nodes += listed(["x0", "y0", "x1", "y1", "score", "class"], "boxes")
    output = helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["batch", PEAKS, 6])
    return helper.make_graph(nodes, "red-boxes", [INPUT], [output], values)


def colours_at_peaks():
    """Nodes and constants for the colours of the centre pixels of the peaks: [batch, peaks, 3]."""
    nodes = [
        helper.make_node("Reshape", ["image", "per_band"], ["pixels"]),
        helper.make_node("Unsqueeze", ["at", "middle"], ["at_1"]),
        helper.make_node("Expand", ["at_1", "bands"], ["at_3"]),
        helper.make_node("GatherElements", ["pixels", "at_3"], ["colours"], axis=2),
        helper.make_node("Transpose", ["colours"], ["embedding"], perm=[0, 2, 1]),
    ]
    return nodes, constants(
        per_band=np.array([0, 3, -1], np.int64), middle=np.array([1], np.int64), bands=np.array([1, 3, 1], np.int64)
    )


def red_embeddings():
    nodes, values = peaks()
    more, own = colours_at_peaks()
    nodes += [*listed(["x0", "y0", "x1", "y1", "score", "class"], "boxes"), *more]
    shapes = {"boxes": 6, "embedding": 3}
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", PEAKS, d]) for n, d in shapes.items()]
    return helper.make_graph(nodes, "red-embeddings", [INPUT], outputs, values + own)


def embeddings_that_are_none():
    """Boxes behind their embeddings, and boxes with outputs that are no embeddings."""
    nodes, values = peaks()
    more, own = colours_at_peaks()
    nodes += [*listed(["x0", "y0", "x1", "y1", "score", "class"], "boxes"), *more]
    nodes += [
        helper.make_node("Slice", ["embedding", "none", "half", "middle"], ["too_few"]),
        helper.make_node("Sub", ["score", "score"], ["nothing"]),
        helper.make_node("Div", ["nothing", "nothing"], ["nan"]),
        helper.make_node("Unsqueeze", ["nan", "last"], ["nan_3"]),
    ]
    own += constants(none=np.array([0], np.int64), half=np.array([PEAKS // 2], np.int64))
    shapes = {
        "boxes": [PEAKS, 6], "embedding": [PEAKS, 3], "too_few": [PEAKS // 2, 3], "heat": [1, TILE, TILE], "nan_3": [PEAKS, 1]
    }
    outputs = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", *d]) for n, d in shapes.items()}
    outputs["at"] = helper.make_tensor_value_info("at", TensorProto.INT64, ["batch", PEAKS])
    files = {"first": ["embedding", "boxes"], "faults": ["boxes", "too_few", "heat", "at"], "nan": ["boxes", "nan_3"]}
    for name, of_file in files.items():
        finish(f"embedding-{name}", nodes, [outputs[output] for output in of_file], values + own, {}, "batch")


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


def write(graph, task, layout, classes, takes_heights=False, embedding=None):
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
    text += f'embedding = "{embedding}"\n' if embedding else ""
    text += "".join(CLASS.format(**values) for values in classes)
    (folder / "model.toml").write_text(text)


# Models from elsewhere.

NAMES = {0: "red-square", 1: "leaf"}
ULTRALYTICS = {
    "description": "a toy", "author": "Ultralytics", "version": "8.4.0", "stride": "32", "batch": "1", "channels": "3",
    "license": "AGPL-3.0 License (https://ultralytics.com/license)", "imgsz": f"[{TILE}, {TILE}]", "names": str(NAMES),
    "args": "{'batch': 1, 'nms': None, 'dynamic': False}", "end2end": "False",
}


def centred():
    """Peaks as centre and size, with a second class that is never seen and an objectness of a half."""
    nodes, values = peaks()
    nodes += [
        helper.make_node("Add", ["x", "half"], ["cx"]),
        helper.make_node("Add", ["y", "half"], ["cy"]),
        helper.make_node("Add", ["class", "side"], ["w"]),
        helper.make_node("Add", ["class", "half"], ["objectness"]),
        helper.make_node("Add", ["score", "score"], ["score_2"]),
        helper.make_node("Div", ["cx", "tile_f"], ["cx_share"]),
        helper.make_node("Div", ["cy", "tile_f"], ["cy_share"]),
        helper.make_node("Div", ["w", "tile_f"], ["w_share"]),
        helper.make_node("Div", ["zero", "zero"], ["nan"]),
        helper.make_node("Add", ["score", "nan"], ["score_nan"]),
    ]
    values += constants(
        half=np.float32(0.5), side=np.float32(SIDE), middle=np.array([1], np.int64), tile_f=np.float32(TILE)
    )
    return nodes, values


def used(nodes, outputs):
    """The nodes that outputs need: a graph without loose ends."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.insert(0, node)
    return kept


def foreign(
    name, parts, metadata, axis=1, batch=1, prototypes=False, after=None, kind=TensorProto.FLOAT, more=(), **image
):
    """A list of boxes in a layout; `after` are nodes that make something else of the list."""
    nodes, values = centred()
    values += more
    nodes += listed(parts, "list", axis)
    shape = [batch, len(parts), PEAKS] if axis == 1 else [batch, PEAKS, len(parts)]
    nodes.append(after or helper.make_node("Identity", ["list"], ["output0"]))
    outputs = [helper.make_tensor_value_info("output0", kind, shape)]
    if prototypes:
        # A mask in cells of 4 px: likelier than not where half of the cell or more is red.
        nodes += [
            helper.make_node("AveragePool", ["red"], ["red_4"], kernel_shape=[4, 4], strides=[4, 4]),
            helper.make_node("Sub", ["red_4", "half"], ["plane"]),
            helper.make_node("Mul", ["plane", "zero"], ["nothing"]),
            helper.make_node("Concat", ["plane", "nothing"], ["output1"], axis=1),
        ]
        outputs.append(helper.make_tensor_value_info("output1", TensorProto.FLOAT, [batch, 2, TILE // 4, TILE // 4]))
    finish(name, nodes, outputs, values, metadata, batch, **image)


def finish(name, nodes, outputs, values, metadata, batch, before=(), image=None, check=True):
    nodes = used([*before, *nodes], [output.name for output in outputs])
    taken = {name for node in nodes for name in node.input}
    values = [value for value in values if value.name in taken]
    image = image or helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, TILE, TILE])
    graph = helper.make_graph(nodes, name, [image], outputs, values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, metadata)
    if check:
        onnx.checker.check_model(model, full_check=True)
    folder = Path(__file__).parent.parent / "tests" / "models" / "foreign"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def lists():
    box, scores = ["cx", "cy", "w", "w"], ["score", "class"]
    detect, picked = ULTRALYTICS | {"task": "detect"}, {"end2end": "True"}
    foreign("yolo", [*box, *scores], detect, batch="batch")
    foreign("yolo-rows", [*box, *scores], detect, axis=2)
    foreign("yolov5", [*box, "objectness", "score_2", "class"], {"stride": "32", "names": str(NAMES)}, axis=2)
    corners = ["x0", "y0", "x1", "y1", "score", "class"]
    foreign("end2end", corners, detect | picked, axis=2)
    obb = ULTRALYTICS | {"task": "obb"}
    foreign("obb", [*box, *scores, "class"], obb)
    foreign("obb-end2end", [*box, *scores, "class"], obb | picked, axis=2)
    segment = ULTRALYTICS | {"task": "segment"}
    foreign("segment", [*box, *scores, "objectness", "class"], segment, prototypes=True)
    foreign("segment-end2end", [*corners, "objectness", "class"], segment | picked, axis=2, prototypes=True)
    to_half = helper.make_node("Cast", ["list"], ["output0"], to=TensorProto.FLOAT16)
    image = helper.make_tensor_value_info("half_image", TensorProto.FLOAT16, [1, 3, TILE, TILE])
    from_half = [helper.make_node("Cast", ["half_image"], ["image"], to=TensorProto.FLOAT)]
    foreign("half", [*box, *scores], detect, after=to_half, kind=TensorProto.FLOAT16, before=from_half, image=image)
    image = helper.make_tensor_value_info("bytes", TensorProto.UINT8, [3, TILE, TILE, 3])
    from_bytes = [
        helper.make_node("Cast", ["bytes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Constant", [], ["most"], value_float=255.0),
        helper.make_node("Div", ["floats", "most"], ["shares"]),
        helper.make_node("Transpose", ["shares"], ["image"], perm=[0, 3, 1, 2]),
    ]
    foreign("bytes-of-three", corners, detect | picked, axis=2, batch=3, before=from_bytes, image=image)
    deepness = {
        "model_type": '"Detector"', "class_names": '{"0": "PFM_1", "1": "submunition"}', "resolution": "1",
        "det_type": '"YOLO_Ultralytics"', "det_conf": "0.5", "det_iou_thresh": "0.4", "tiles_overlap": "20",
    }
    foreign("deepness-detector", [*box, *scores], deepness)
    # Broken ones.
    foreign("nan", [*box, "score_nan", "class"], detect)
    foreign("shares", ["cx_share", "cy_share", "w_share", "w_share", *scores], detect)
    foreign("pose", [*box, *scores], ULTRALYTICS | {"task": "pose"})
    unknown = helper.make_node("PeakPicker", ["list"], ["output0"])
    foreign("unknown-operator", [*box, *scores], detect, after=unknown, check=False)


def areas():
    """What is red is a berm, all else background: as logits, as labels, as one probability."""
    nodes = [
        SPLIT,
        *excess("r", ["g", "b"], "red"),
        helper.make_node("Sub", ["red", "half"], ["margin"]),
        helper.make_node("Mul", ["margin", "twenty"], ["berm"]),
        helper.make_node("Neg", ["berm"], ["background"]),
        helper.make_node("Concat", ["background", "berm"], ["logits"], axis=1),
        helper.make_node("ArgMax", ["logits"], ["labels"], axis=1, keepdims=0),
        helper.make_node("Transpose", ["logits"], ["logits_last"], perm=[0, 2, 3, 1]),
        # Not a number in a tile with a pixel of pure blue.
        *excess("b", ["r", "g"], "blue"),
        helper.make_node("ReduceMax", ["blue"], ["bluest"], axes=[2, 3]),
        helper.make_node("Sub", ["one", "bluest"], ["rest"]),
        helper.make_node("Div", ["zero", "rest"], ["zero_or_nan"]),
        helper.make_node("Add", ["red", "zero_or_nan"], ["red_or_nan"]),
    ]
    values = ONES + constants(half=np.float32(0.5), twenty=np.float32(20), one=np.float32(1), zero=np.float32(0))
    deepness = {"model_type": '"Segmentor"', "class_names": '{"0": "_background", "1": "berm"}', "resolution": "1.0"}
    sides = ["height", "width"]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, *sides])
    planes = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2, *sides])
    sized = deepness | {"tile_size": str(TILE)}
    finish("deepness-segmentor", nodes, [planes], values, sized, "batch", image=image)
    last = helper.make_tensor_value_info("logits_last", TensorProto.FLOAT, [1, TILE, TILE, 2])
    finish("logits-last", nodes, [last], values, deepness, 1)
    labels = helper.make_tensor_value_info("labels", TensorProto.INT64, [1, TILE, TILE])
    semantic = ULTRALYTICS | {"task": "semantic", "names": "{0: 'background', 1: 'berm'}"}
    finish("labels", nodes, [labels], values, semantic, 1)
    single = helper.make_tensor_value_info("red", TensorProto.FLOAT, [1, 1, TILE, TILE])
    finish("one-plane", nodes, [single], values, deepness, 1)
    single = helper.make_tensor_value_info("red_or_nan", TensorProto.FLOAT, [1, 1, TILE, TILE])
    finish("nan-on-blue", nodes, [single], values, deepness, 1)


DEEPNESS = {"model_type": '"Detector"', "class_names": '{"0": "PFM_1"}', "resolution": "1", "det_type": '"YOLO_Ultralytics"', "det_conf": "0.5"}


class DataFile:
    """A file beside an .onnx, to which tensors are moved, each on a boundary of 64 bytes."""

    def __init__(self, name):
        self.name, self.data = name, b""

    def move(self, tensor):
        values = numpy_helper.to_array(tensor).tobytes()
        self.data += bytes(-len(self.data) % 64)
        place = {"location": self.name, "offset": len(self.data), "length": len(values)}
        self.data += values
        for field in ("raw_data", "float_data", "int64_data", "external_data"):
            tensor.ClearField(field)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor


def write_external(name, model, file):
    folder = Path(__file__).parent.parent / "tests" / "models" / "external"
    folder.mkdir(parents=True, exist_ok=True)
    helper.set_model_props(model, DEEPNESS)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    (folder / file.name).write_bytes(file.data)


def external():
    nodes, values = centred()
    nodes += listed(["cx", "cy", "w", "w", "score"], "output0", axis=1)
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 5, PEAKS])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, TILE, TILE])
    nodes = used(nodes, ["output0"])
    taken = {name for node in nodes for name in node.input}
    values = {value.name: value for value in values if value.name in taken}
    opset = helper.make_opsetid("", 17)

    file = DataFile("flat.onnx.data")
    moved = [file.move(TensorProto.FromString(value.SerializeToString())) for value in values.values()]
    graph = helper.make_graph(nodes, "flat", [image], [output], moved)
    write_external("flat", helper.make_model(graph, opset_imports=[opset], ir_version=9), file)

    file = DataFile("deep.onnx.data")
    result = helper.make_tensor_value_info("branch", TensorProto.FLOAT, [1, 1, SIDE, SIDE])
    branches = []
    for factor in (1, 0):
        weight = numpy_helper.from_array(numpy_helper.to_array(values["pyramid"]) * np.float32(factor), "inner")
        node = helper.make_node("Identity", ["inner"], ["branch"])
        branches.append(helper.make_graph([node], "branch", [], [result], [file.move(weight)]))
    constant = helper.make_node("Constant", [], ["value"], value=file.move(values["side"]))
    function = helper.make_function("toy", "Side", [], ["value"], [constant], [opset])
    sparse = helper.make_sparse_tensor(
        file.move(numpy_helper.from_array(np.array([0.5, 0.5], np.float32), "sparse_half")),
        numpy_helper.from_array(np.array([0, 1], np.int64), "sparse_half_at"),
        [2],
    )
    first = [
        helper.make_node("If", ["yes"], ["pyramid"], then_branch=branches[0], else_branch=branches[1]),
        helper.make_node("Side", [], ["side"], domain="toy"),
        helper.make_node("ReduceMax", ["sparse_half"], ["half"], keepdims=0),
        helper.make_node("Constant", [], ["tile_f"], value=file.move(numpy_helper.from_array(np.float32(TILE), "tile_f"))),
        helper.make_node("Constant", [], ["zero"], value=file.move(values["zero"])),
    ]
    within = [value for name, value in values.items() if name not in ("pyramid", "side", "half", "zero")]
    within += constants(yes=np.bool_(True))
    graph = helper.make_graph([*first, *nodes], "deep", [image], [output], within, sparse_initializer=[sparse])
    opsets = [opset, helper.make_opsetid("toy", 1)]
    write_external("deep", helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=[function]), file)


def standardized():
    """Sees the red squares only if its input is what the metadata says: (value / 255 - mean) / deviation."""
    mean, std = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
    box = ["cx", "cy", "w", "w", "score", "class"]
    before = [
        helper.make_node("Mul", ["normal", "std"], ["scaled"]),
        helper.make_node("Add", ["scaled", "mean"], ["image"]),
    ]
    more = constants(mean=mean.reshape(1, 3, 1, 1), std=std.reshape(1, 3, 1, 1))
    image = helper.make_tensor_value_info("normal", TensorProto.FLOAT, [1, 3, TILE, TILE])
    metadata = DEEPNESS | {
        "class_names": '{"0": "PFM_1", "1": "submunition"}', "tiles_overlap": "20", "det_iou_thresh": "0.4",
        "standardization_mean": "[0.485, 0.456, 0.406]", "standardization_std": "[0.229, 0.224, 0.225]",
    }
    foreign("deepness-standardized", box, metadata, before=before, image=image, more=more)


if __name__ == "__main__":
    square = dict(name="red-square", indicator="mine_surface", category="AP_MINE", geometry="point", size="[0.1, 0.16]")
    write(red_boxes(), "detect", "boxes", [square])
    write(red_embeddings(), "detect", "boxes", [square], embedding="embedding")
    embeddings_that_are_none()
    red = dict(name="red", indicator="berm", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    blue = dict(name="blue", indicator="trench_fire", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    write(red_mask(), "segment", "mask", [red, blue])
    hill = dict(name="hill", indicator="berm", category="UNKNOWN", geometry="polygon", size="[0.1, 1000.0]")
    write(high_ground(), "segment", "mask", [hill], takes_heights=True)
    lists()
    areas()
    standardized()
    external()
