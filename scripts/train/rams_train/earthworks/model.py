"""The segmenter: EfficientNet-Lite0 to stride 16 with a wide view, a feature pyramid to stride 4, a branch for height.

Input  [b, 5, H, W] float32, H and W multiples of 64: RGB normalised, height in m less its mean, 1 where it is known.
Output of `Segmenter` [b, 1 + masks, H/4, W/4] logits; of `Planes` [b, planes, H/4, W/4] disjoint probabilities.
"""
import torch
import torch.nn.functional as F
from torch import nn

from rams_train.ordnance.model import Detector

from .classes import FAMILY, KINDS, MASKS, PLANES

WIDTH = 64
NAME_AT = 0.65  # share of a trench's probability from which its kind is named


class Segmenter(nn.Module):
    def __init__(self, frozen=3):
        super().__init__()
        body = Detector(frozen)
        self.stem, self.blocks, self.lateral = body.stem, body.blocks, body.lateral
        self.wide = nn.Sequential(nn.Conv2d(112, WIDTH, 1), nn.ReLU(inplace=True), nn.AvgPool2d(4), nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.ReLU(inplace=True))
        # Height at two widths of the ground around it, at twice the model's GSD: what is dug or heaped, and what is a slope.
        self.relief = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(24, 48, 3, 2, 1), nn.ReLU(inplace=True),
                                    nn.Conv2d(48, 48, 3, padding=2, dilation=2), nn.ReLU(inplace=True), nn.Conv2d(48, WIDTH, 1))
        self.smooth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.shared = nn.Conv2d(WIDTH, WIDTH, 3, padding=2, dilation=2)
        self.head = nn.Conv2d(WIDTH, 1 + len(MASKS), 1)

    def forward(self, planes):
        x = self.stem(planes[:, :3])
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in (2, 4, 10):
                maps.append(x)
        p = F.interpolate(self.wide(maps[2]), scale_factor=4.0, mode="nearest")
        for i in (2, 1, 0):
            m = self.lateral[i](maps[i])
            p = m + (p if i == 2 else F.interpolate(p, scale_factor=2.0, mode="nearest"))
        known = F.avg_pool2d(planes[:, 4:5], 2)
        height = F.avg_pool2d(planes[:, 3:4], 2) / known.clamp(min=0.25)
        near, far = self.above(height, known, 15), self.above(height, known, 63)
        branch = self.relief(torch.cat([near, far, known], 1))
        p = p + branch * F.avg_pool2d(known, 2)
        p = F.relu(self.smooth(p), inplace=True)
        p = F.relu(self.shared(p), inplace=True)
        return self.head(p)

    @staticmethod
    def above(height, known, k):
        """Height above the mean of the known ground within k x k px, metres, about -2 to 2; 0 where nothing is known."""
        box = lambda a: F.avg_pool2d(F.avg_pool2d(a, (1, k), 1, (0, k // 2)), (k, 1), 1, (k // 2, 0))
        mean = box(height * known) / box(known).clamp(min=0.02)
        return torch.tanh((height - mean) * (known > 0.5).to(height.dtype) / 2) * 2


class Planes(nn.Module):
    """Probabilities of the classes of model.toml, one class at most in a cell."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, image):
        p = torch.softmax(self.net(image), 1)[:, 1:]
        kinds = p[:, KINDS]
        trench = kinds.sum(1, keepdim=True)
        others = [i for i in range(len(MASKS)) if i not in KINDS]
        # What it is most likely to be, the kinds of trench taken together.
        groups = torch.cat([trench, p[:, others]], 1)
        best = (groups >= groups.max(1, keepdim=True)[0]).to(p.dtype) * groups
        named = (kinds >= NAME_AT * trench).to(p.dtype)
        out = {MASKS[k]: best[:, :1] * named[:, i:i + 1] for i, k in enumerate(KINDS)}
        out[FAMILY] = best[:, :1] * (1 - named.sum(1, keepdim=True).clamp(max=1))
        out |= {MASKS[k]: best[:, 1 + i:2 + i] for i, k in enumerate(others)}
        return torch.cat([out[name] for name in PLANES], 1)
