"""The segmenter: EfficientNet-Lite0 with a wide view, a pyramid to stride 4, a branch for height.

Input  [b, 5, H, W] float32, H and W multiples of 64: RGB normalised, height in m less its mean, 1
where it is known. Output of `Segmenter` [b, 1 + masks, H/4, W/4] logits; of `Planes` [b, planes,
H/4, W/4] disjoint probabilities.
"""

from collections.abc import Callable
from math import isqrt

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rams_train.common.backbone import TAPS
from rams_train.earthworks.classes import FAMILY, KINDS, MASKS, OTHERS, PLANES
from rams_train.ordnance.model import Detector

WIDTH = 64
NAME_AT = 0.65  # share of a trench's probability from which its kind is named
NEAR_PX, FAR_PX = 15, 63  # at twice the model's GSD: what is dug or heaped, and what is a slope


class Segmenter(nn.Module):
    """The network that is trained."""

    def __init__(self, frozen: int = 3) -> None:
        """`frozen`: how many backbone blocks, besides the stem, do not train.

        The body is that of a whole detector, so that a seed gives the weights that it always gave.
        """
        super().__init__()
        body = Detector(frozen)
        self.stem, self.blocks, self.lateral = body.stem, body.blocks, body.lateral
        self.wide = nn.Sequential(
            nn.Conv2d(112, WIDTH, 1),
            nn.ReLU(inplace=True),
            nn.AvgPool2d(4),
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        # Height at two widths of the ground around it.
        self.relief = nn.Sequential(
            nn.Conv2d(3, 24, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(24, 48, 3, 2, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(48, 48, 3, padding=2, dilation=2),
            nn.ReLU(inplace=True),
            nn.Conv2d(48, WIDTH, 1),
        )
        self.smooth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.shared = nn.Conv2d(WIDTH, WIDTH, 3, padding=2, dilation=2)
        self.head = nn.Conv2d(WIDTH, 1 + len(MASKS), 1)

    def forward(self, planes: Tensor) -> Tensor:
        """Logits of a batch."""
        x = self.stem(planes[:, :3])
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        p = F.interpolate(self.wide(maps[2]), scale_factor=4.0, mode="nearest")
        for i in (2, 1, 0):
            m = self.lateral[i](maps[i])
            p = m + (p if i == 2 else F.interpolate(p, scale_factor=2.0, mode="nearest"))
        known = halved(planes[:, 4:5])
        height = halved(planes[:, 3:4]) / known.clamp(min=0.25)
        near = height_above(height, known, NEAR_PX)
        far = height_above(height, known, FAR_PX)
        branch = self.relief(torch.cat([near, far, known], 1))
        p = p + branch * halved(known)
        p = F.relu(self.smooth(p), inplace=True)
        p = F.relu(self.shared(p), inplace=True)
        logits: Tensor = self.head(p)
        return logits


def halved(a: Tensor) -> Tensor:
    """Means of 2 x 2 px of one channel."""
    return F.conv2d(a, torch.full((1, 1, 2, 2), 0.25, dtype=a.dtype, device=a.device), stride=2)


def height_above(height: Tensor, known: Tensor, k: int) -> Tensor:
    """Height above the mean of the known ground within k x k px, metres, about -2 to 2.

    0 where nothing is known.
    """
    # Means of `inner` values, and of `outer` such means beside each other. Not a pool, of which
    # runtimes take windows of this size value by value.
    inner = next(n for n in range(isqrt(k), 0, -1) if k % n == 0)
    outer = k // inner

    def means(a: Tensor, n: int, padding: int, dilation: int) -> Tensor:
        weights = torch.full((1, 1, 1, n), 1 / n, dtype=a.dtype, device=a.device)
        rows = F.conv2d(a, weights, padding=(0, padding), dilation=(1, dilation))
        return F.conv2d(rows, weights.mT, padding=(padding, 0), dilation=(dilation, 1))

    def box(a: Tensor) -> Tensor:
        return means(means(a, inner, k // 2, 1), outer, 0, inner)

    mean = box(height * known) / box(known).clamp(min=0.02)
    return torch.tanh((height - mean) * (known > 0.5).to(height.dtype) / 2) * 2


class Planes(nn.Module):
    """Probabilities of the classes of model.toml, one class at most in a cell."""

    def __init__(self, net: Callable[[Tensor], Tensor]) -> None:
        """`net` gives the logits: a Segmenter, or a function."""
        super().__init__()
        self.net = net

    def forward(self, image: Tensor) -> Tensor:
        """Probabilities of a batch."""
        p = torch.softmax(self.net(image), 1)[:, 1:]
        kinds = p[:, KINDS]
        trench = kinds.sum(1, keepdim=True)
        # What it is most likely to be, the kinds of trench taken together.
        groups = torch.cat([trench, p[:, OTHERS]], 1)
        # Not the maximum of `groups`: OpenVINO takes that of a concatenation for one of its parts.
        most = torch.maximum(trench, p[:, OTHERS].amax(1, keepdim=True))
        best = (groups >= most).to(p.dtype) * groups
        named = (kinds >= NAME_AT * trench).to(p.dtype)
        out = {MASKS[k]: best[:, :1] * named[:, i : i + 1] for i, k in enumerate(KINDS)}
        out[FAMILY] = best[:, :1] * (1 - named.sum(1, keepdim=True).clamp(max=1))
        out |= {MASKS[k]: best[:, 1 + i : 2 + i] for i, k in enumerate(OTHERS)}
        return torch.cat([out[name] for name in PLANES], 1)
