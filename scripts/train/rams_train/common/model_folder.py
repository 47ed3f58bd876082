"""What the folders of all models hold: the .onnx, and the lines that every model.toml has."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import Tensor, nn

from rams_train.common.fold_padding import fold_padding

OPSET = 17
Axes = Mapping[str, Mapping[int, str]]  # {name of an input or output: {axis left open: its name}}


def write_onnx(
    net: nn.Module,
    example: Tensor,
    file: Path,
    names: Sequence[str],
    axes: Axes,
    metadata: Mapping[str, Any],
) -> None:
    """Export a network with one input.

    `names` are those of the input and of the outputs; `metadata` is what the file says of itself,
    texts as they are and all else as JSON.
    """
    torch.onnx.export(
        net,
        (example,),
        str(file),
        input_names=[names[0]],
        output_names=list(names[1:]),
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(file))
    fold_padding(model)
    for key, value in metadata.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value if isinstance(value, str) else json.dumps(value)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def header_lines(
    file: Path,
    about: tuple[str, str, str],
    task: str,
    images: Sequence[Mapping[str, Any]],
    scenes: bool,
    probe: bool,
) -> list[str]:
    """The lines of model.toml before [input].

    `about` are name, version and licence of the weights. `images` are the entries of the dataset
    that were trained on, `scenes` says whether generated scenes were; `probe` that the file is for
    measurements alone.
    """
    name, version, licence = about
    painted = "scenes of rams-scene (no photograph, but the aerial images below as ground)"
    sources = [painted] if scenes else []
    sources += [f"{Path(e['file']).name}, {e.get('licence', 'licence not stated')}" for e in images]
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    warning = ["# Thresholds and limits for measurements, not for use."] if probe else []
    return [
        *warning,
        f'name = "{name}"',
        f'version = "{version}"',
        f'task = "{task}"',
        f"licence = {quoted(licence)}           "
        "# of the weights; the licences of the data are in CARD.md",
        "training_data = [",
        *[f"  {quoted(source)}," for source in sources],
        "]",
        f'onnx = "{file.name}"',
        f'digest = "sha256:{digest}"',
        "",
    ]


def quoted(text: str) -> str:
    """A string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def hidden_by_line() -> str:
    """What hides ground from every class.

    How coarse the plants and how bad the blur, the program takes from the model's scale and the
    class's limit.
    """
    return 'hidden_by = ["vegetation", "shadow", "saturation", "blur"]'


def calibration_line(fit: Mapping[str, Any]) -> str:
    """The Platt scaling of a class; `fit` has `slope` and `intercept`."""
    slope, intercept = float(fit["slope"]), float(fit["intercept"])
    return f"calibration = {{ slope = {slope}, intercept = {intercept} }}"


def threshold_table(by_point: Mapping[str, float]) -> str:
    """A threshold for each operating point, as TOML."""
    return "{ " + ", ".join(f"{point} = {t}" for point, t in by_point.items()) + " }"


def operating_point_lines(point: str, recall: float, alarms_per_ha: str, on: str) -> list[str]:
    """What was measured at an operating point, and on what."""
    return [
        "",
        f"[operating_point.{point}]",
        f"recall = {recall:.2f}",
        f"false_alarms_per_ha = {alarms_per_ha}",
        f"measured_on = {quoted(on)}",
    ]
