"""Padding folded into convolutions, to the same bits."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rams_train.common.arrays import F32Array
from rams_train.common.fold_padding import fold_padding


class Net(nn.Module):
    """Convolutions at stride 2, each after the padding of its own: left, right, top, bottom."""

    def __init__(self, *pads: tuple[int, int, int, int], value: float = 0.0) -> None:
        super().__init__()
        self.pads, self.value = pads, value
        self.convolutions = nn.ModuleList(nn.Conv2d(3, 3, 3, 2) for _ in pads)

    def forward(self, x: Tensor) -> Tensor:
        for pad, convolution in zip(self.pads, self.convolutions, strict=True):
            x = convolution(F.pad(x, pad, value=self.value))
        return x


def exported(net: nn.Module) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.onnx"
        torch.onnx.export(
            net,
            (torch.zeros(1, 3, 32, 32),),
            str(file),
            input_names=["image"],
            output_names=["answer"],
            dynamic_axes={"image": {0: "batch", 2: "height", 3: "width"}},
            dynamo=False,
        )
        return onnx.load(str(file))


def run(model: onnx.ModelProto, image: F32Array) -> F32Array:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"image": image})
    return np.asarray(answer, np.float32)


class TestFoldPadding(unittest.TestCase):
    def test_a_convolution_pads_each_side_by_itself(self):
        model = exported(Net((0, 1, 0, 1), (1, 2, 0, 3)))
        image = np.random.default_rng(1).normal(0, 1, (2, 3, 32, 48)).astype(np.float32)
        before = run(model, image)
        self.assertEqual(fold_padding(model), 2)
        self.assertEqual([n.op_type for n in model.graph.node if n.op_type != "Conv"], [])
        pads = [list(a.ints) for n in model.graph.node for a in n.attribute if a.name == "pads"]
        # Top, left, bottom, right.
        self.assertEqual(pads, [[0, 0, 1, 1], [0, 1, 3, 2]])
        np.testing.assert_array_equal(run(model, image), before)

    def test_padding_with_another_value_stays(self):
        model = exported(Net((0, 1, 0, 1), value=0.5))
        self.assertEqual(fold_padding(model), 0)
        self.assertEqual([n.op_type for n in model.graph.node if n.op_type == "Pad"], ["Pad"])


if __name__ == "__main__":
    unittest.main()
