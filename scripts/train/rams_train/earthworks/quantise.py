"""int8 from the fp32 .onnx: static, QDQ, weights int8 per channel, activations uint8. The first layers, the branch for
heights and the last layers stay float32. Calibrated on windows of training scenes, half of them with heights.
"""
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from . import crops as crop
from .export import TILE
from .dataset import load_scene

FLOAT = ("/stem/", "/blocks.0/", "/blocks.1/", "/relief/", "/head/")  # in the names of nodes
WINDOWS = 32


class Windows(CalibrationDataReader):
    def __init__(self, folder):
        rng = np.random.default_rng(0)
        files = sorted(Path(folder).glob("*_truth.json"))
        self.files, self.rng = iter(rng.choice(files, min(WINDOWS, len(files)), replace=False)), rng

    def get_next(self):
        file = next(self.files, None)
        if file is None:
            return None
        ground = load_scene(file)
        h, w = ground.label.shape
        x, y = self.rng.uniform(0.2, 0.8, 2) * (w, h)
        planes, _, _ = crop.finish(self.rng, *crop.window(ground, x, y, 1.0), crop.GSD_M)
        return {"planes": planes[None]}


def quantise(model, folder, out):
    with tempfile.TemporaryDirectory() as temp:
        ready = str(Path(temp) / "ready.onnx")
        quant_pre_process(str(model), ready, skip_symbolic_shape=True)
        kept = [n.name for n in onnx.load(ready).graph.node if any(f in n.name for f in FLOAT)]
        quantize_static(ready, str(out), Windows(folder), quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
                        weight_type=QuantType.QInt8, op_types_to_quantize=["Conv"], nodes_to_exclude=kept)


def seconds_a_tile(model, count=12):
    """One thread, as a worker of the survey."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    run = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tile = np.random.default_rng(0).normal(0, 1, (1, 5, TILE, TILE)).astype(np.float32)
    spent = []
    for _ in range(count):
        begun = time.perf_counter()
        run.run(None, {"planes": tile})
        spent.append(time.perf_counter() - begun)
    return float(np.median(spent))
