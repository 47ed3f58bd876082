"""The losses of the segmenter."""

import torch
from torch import Tensor

from rams_train.earthworks.classes import KINDS, MASKS, OTHERS

TERMS = {"entropy": 1.0, "dice": 0.5}
CLASS_WEIGHTS = torch.tensor([1.0] + [2.0] * len(MASKS))


def segmentation_loss(out: Tensor, share: Tensor, care: Tensor) -> tuple[Tensor, Tensor]:
    """Cross-entropy with the share of each class in a cell, and 1 - Dice.

    `out` are the segmenter's logits, the others targets.TargetMaps of a batch. Dice is of trenches
    of any kind and of each other class.
    """
    logp = torch.log_softmax(out, 1)
    weight = CLASS_WEIGHTS.to(out.device)[None, :, None, None]
    entropy = (-(share * logp * weight).sum(1) * care).sum() / care.sum().clamp(min=1)
    p, t = _groups(logp.exp(), care), _groups(share, care)
    both, each = (p * t).sum((0, 2, 3)), (p * p + t * t).sum((0, 2, 3))
    present = t.sum((0, 2, 3)) > 1
    if not present.any():
        return entropy, out.sum() * 0
    return entropy, 1 - ((2 * both + 1) / (each + 1))[present].mean()


def _groups(p: Tensor, care: Tensor) -> Tensor:
    """Trenches of any kind, then each other class, where it counts."""
    trench = p[:, 1:][:, KINDS].sum(1, keepdim=True)
    return torch.cat([trench, p[:, [1 + i for i in OTHERS]]], 1) * care[:, None]
