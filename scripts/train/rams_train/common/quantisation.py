"""int8 from an fp32 .onnx: static, QDQ, weights int8 per channel, activations uint8."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import onnx
import onnxruntime as ort
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from rams_train.common.arrays import Array


class TileReader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Gives tiles to the quantiser, one at a time, until there are no more."""

    def __init__(self, name: str, tiles: Iterator[Array]) -> None:
        """`name` is that of the network's input."""
        self.name, self.tiles = name, tiles

    def get_next(self) -> dict[str, Array] | None:
        """The next tile as the network's input."""
        tile = next(self.tiles, None)
        return None if tile is None else {self.name: tile}


def quantise_static(
    model: Path,
    out: Path,
    tiles: TileReader,
    operators: Sequence[str],
    float_nodes: Callable[[onnx.GraphProto], list[str]],
) -> None:
    """Write `model` in int8, calibrated on `tiles`.

    `operators` are the kinds of nodes that become int8, but those named by `float_nodes(graph)`.
    """
    with tempfile.TemporaryDirectory() as temp:
        ready = str(Path(temp) / "ready.onnx")
        quant_pre_process(str(model), ready, skip_symbolic_shape=True)
        quantize_static(
            ready,
            str(out),
            tiles,
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=list(operators),
            nodes_to_exclude=float_nodes(onnx.load(ready).graph),
        )


def cpu_session(model: Path, threads: int) -> ort.InferenceSession:
    """ONNX Runtime on so many threads of the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
