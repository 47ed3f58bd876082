"""What the folders of all models hold: the .onnx with its metadata, and the lines of model.toml that every one has."""
import hashlib
import json
from pathlib import Path

import onnx
import torch

LICENCE, OPSET = "Apache-2.0", 17


def write_onnx(net, example, file, names, axes, metadata):
    """`names`: of the input and the output; `axes`: those left open, by name; `metadata`: what the file says of itself."""
    torch.onnx.export(net, (example,), str(file), input_names=names[:1], output_names=names[1:], dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    graph = onnx.load(str(file))
    for key, value in metadata.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value if isinstance(value, str) else json.dumps(value)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(file))


def head(file, name, version, task, images, probe):
    """The lines before [input]. `images`: entries of the dataset that were trained on."""
    digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    return (["# Thresholds and limits for measurements, not for use."] if probe else []) + [
        f'name = "{name}"', f'version = "{version}"', f'task = "{task}"', f'licence = "{LICENCE}"           # of the weights; the licences of the data are in CARD.md',
        "training_data = [", '  "scenes of rams-scene (no photograph, but the aerial images below as ground)",',
        *[f'  "{Path(e["file"]).name}, {e["licence"]}",' for e in images], "]", f'onnx = "{Path(file).name}"', f'digest = "sha256:{digest}"', "",
    ]


def hidden_by():
    """What hides ground from every class: how coarse the plants and how bad the blur, the program takes from the model's scale and the class's limit."""
    return 'hidden_by = ["vegetation", "shadow", "saturation", "blur"]'


def calibration(s):
    return f"calibration = {{ slope = {float(s['slope'])}, intercept = {float(s['intercept'])} }}"
