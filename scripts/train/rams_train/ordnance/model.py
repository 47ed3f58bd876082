"""The detector: EfficientNet-Lite0, a feature pyramid to stride 4, a centre heat map per family.

Input  [b, 3, H, W] float32, RGB, normalised with the ImageNet mean and deviation, H and W multiples
of 32. Output [b, 28, H/4, W/4]: 7 family logits, 17 class logits (Dataset.named), offset of the box
centre from the cell's corner (cells), log size (cells). Another dataset has other numbers of
logits, of classes none where each class is its own family.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rams_train.common.backbone import TAPS, freeze, imagenet_backbone
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.geometry import STRIDE

WIDTH = 64
TOP_K = 100
# Two centres within 2 cells (32 mm) cannot be two objects, so one peak in 5 x 5 cells.
PEAK_CELLS = 5
NAME_AT = 0.6  # probability of the best class in its family from which it is named


class Detector(nn.Module):
    """The network that is trained; its output is raw, see above."""

    def __init__(self, frozen: int = 5, dataset: Dataset = SHIPPED) -> None:
        """`frozen`: how many backbone blocks, besides the stem, do not train."""
        super().__init__()
        backbone = imagenet_backbone()
        self.stem, self.blocks = backbone.stem, backbone.blocks
        self.lateral = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in TAPS.values())
        self.smooth = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.shared = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        # Heads apart, so that a run with other classes can start from what fits.
        self.heat = nn.Conv2d(WIDTH, len(dataset.families), 1)
        self.box = nn.Conv2d(WIDTH, 4, 1)
        count = len(dataset.named)
        self.name = (
            nn.Sequential(nn.Conv2d(WIDTH, 96, 1), nn.ReLU(inplace=True), nn.Conv2d(96, count, 1))
            if count
            else None
        )
        for head in (self.heat, self.box):
            nn.init.normal_(head.weight, std=0.01)
            assert head.bias is not None
            nn.init.zeros_(head.bias)
        # Start at a low score everywhere: almost every cell is ground.
        assert self.heat.bias is not None
        nn.init.constant_(self.heat.bias, -4.6)
        freeze(self.stem, self.blocks, frozen)

    def forward(self, x: Tensor) -> Tensor:
        """The raw maps of a batch."""
        return self.maps(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """What the heads of a batch share, [b, WIDTH, H/4, W/4]."""
        x = self.stem(x)
        maps = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        p: Tensor | None = None
        for lateral, m in zip(reversed(self.lateral), reversed(maps), strict=True):
            m = lateral(m)
            p = m if p is None else m + F.interpolate(p, scale_factor=2.0, mode="nearest")
        assert p is not None
        p = F.relu(self.smooth(p), inplace=True)
        return F.relu(self.shared(p), inplace=True)

    def maps(self, features: Tensor) -> Tensor:
        """The raw maps of features."""
        return torch.cat([self.heat(features), self.rest(features)], 1)

    def rest(self, features: Tensor) -> Tensor:
        """The raw maps but those of the families; each cell has its own from its own features."""
        names = [] if self.name is None else [self.name(features)]
        return torch.cat([*names, self.box(features)], 1)


@dataclass(frozen=True)
class Peaks:
    """The likeliest cells of a batch, [b, TOP_K] each: score, family, and place."""

    score: Tensor
    family: Tensor
    cell: Tensor  # counted row by row
    row: Tensor
    col: Tensor


class Decoder(nn.Module):
    """Detector with in-graph peak picking.

    Output [b, TOP_K, 6]: x0, y0, x1, y1 (input px), score, class (Dataset.classes). The score is
    the family's. The class is the best one of the family if it is likely enough, else the family.
    """

    outside: Tensor
    leaf: Tensor
    coarse: Tensor
    split: Tensor

    def __init__(self, net: Callable[[Tensor], Tensor], dataset: Dataset = SHIPPED) -> None:
        """`net` gives the raw maps: a Detector, or a function that calls one."""
        super().__init__()
        self.net = net
        family_of, named, split = dataset.family_of, dataset.named, dataset.split
        self.families, self.names = len(dataset.families), len(named)
        families = range(self.families)
        member = torch.tensor([[family_of[c] == f for c in named] for f in families]).bool()
        # Added to the logits of other families.
        self.register_buffer("outside", (~member).float() * -1e4)
        called = [dataset.classes.index(dataset.called(dataset.leaves[c])) for c in named]
        self.register_buffer("leaf", torch.tensor([float(c) for c in called]))
        coarse = [dataset.classes.index(name) for name in self._coarse_names(dataset)]
        self.register_buffer("coarse", torch.tensor([float(c) for c in coarse]))
        self.register_buffer("split", torch.tensor([float(f in split) for f in families]))

    @staticmethod
    def _coarse_names(dataset: Dataset) -> list[str]:
        """What each family is called as a whole: by its name, or that of its only class."""
        names = enumerate(dataset.families)
        first = dataset.family_of.index
        return [n if f in dataset.split else dataset.leaves[first(f)] for f, n in names]

    def forward(self, image: Tensor) -> Tensor:
        """Boxes of a batch, the likeliest first."""
        y = self.net(image)
        peaks = self.peaks(y[:, : self.families])
        rest = y[:, self.families :].flatten(2)
        return self.boxes(peaks, rest.gather(2, _for_each(rest.shape[1], peaks.cell)))

    def peaks(self, heat: Tensor) -> Peaks:
        """The peaks of the logits of families, [b, families, h, w], the likeliest first."""
        heat = torch.sigmoid(heat)
        peak = F.max_pool2d(heat, PEAK_CELLS, 1, PEAK_CELLS // 2)
        heat = heat * (heat >= peak).to(heat.dtype)
        w = heat.shape[3]
        cells = heat.shape[2] * w
        score, index = torch.topk(heat.flatten(1), TOP_K, dim=1)
        family = torch.div(index, cells, rounding_mode="floor")
        cell = index - family * cells
        row = torch.div(cell, w, rounding_mode="floor")
        return Peaks(score, family, cell, row, cell - row * w)

    def boxes(self, peaks: Peaks, rest: Tensor) -> Tensor:
        """The boxes of peaks; `rest` are the other raw maps there, [b, names + 4, TOP_K]."""
        m, score, family = self.names, peaks.score, peaks.family
        cls = self.coarse[family]
        if m:
            name = torch.softmax(rest[:, :m].transpose(1, 2) + self.outside[family], 2)
            sure, best = name.max(2)
            named = self.split[family] * (sure >= NAME_AT).to(score.dtype)
            cls = named * self.leaf[best] + (1 - named) * cls
        reg = rest[:, m:]
        cx, cy = (peaks.col + reg[:, 0]) * STRIDE, (peaks.row + reg[:, 1]) * STRIDE
        hw, hh = torch.exp(reg[:, 2]) * STRIDE / 2, torch.exp(reg[:, 3]) * STRIDE / 2
        return torch.stack([cx - hw, cy - hh, cx + hw, cy + hh, score, cls], 2)


def _for_each(count: int, cell: Tensor) -> Tensor:
    """The same cells [b, k] for each of so many maps: [b, count, k]."""
    return cell[:, None, :].expand(-1, count, -1)


class EmbeddingDecoder(nn.Module):
    """Detector and decoder, as exported: the boxes, and how the object in each looks.

    Outputs: those of Decoder, and [b, TOP_K, WIDTH], the features at the peak of each box. From
    these alone come the class and the size, which would otherwise be worked out for each cell.
    """

    def __init__(self, net: Detector, dataset: Dataset = SHIPPED) -> None:
        """`net` is the trained network."""
        super().__init__()
        self.net, self.decoder = net, Decoder(net, dataset)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes of a batch, the likeliest first, and their embeddings."""
        features = self.net.features(image)
        peaks = self.decoder.peaks(self.net.heat(features))
        # The channels of a cell side by side, as convolutions on a processor have them: OpenVINO
        # takes a seventh of its time to lay them out otherwise.
        cells = features.permute(0, 2, 3, 1).flatten(1, 2)
        looks = cells.gather(1, peaks.cell[..., None].expand(-1, -1, WIDTH))
        rest = self.net.rest(looks.transpose(1, 2)[..., None])[..., 0]
        return self.decoder.boxes(peaks, rest), looks
