"""The losses of the detector."""

import torch
import torch.nn.functional as F
from torch import Tensor

from rams_train.ordnance.classes import SHIPPED, Dataset

TERMS = {"focal": 1.0, "leaf": 0.5, "box": 0.3}


def detection_loss(
    out: Tensor,
    heat: Tensor,
    reg: Tensor,
    weight: Tensor,
    care: Tensor,
    leaf: Tensor,
    leaf_weight: Tensor,
    *,
    dataset: Dataset = SHIPPED,
) -> tuple[Tensor, Tensor, Tensor]:
    """Focal loss on the heat maps, cross-entropy within the family, L1 of the box.

    `out` is the detector's, the others are targets.TargetMaps of a batch. Peaks count 1, the slope
    around them little. The focal loss is taken crop by crop: a scene's crop holds several objects,
    a real one hardly more than one, and over the whole batch the many would drown the false alarms
    on real ground.
    """
    n, m = len(dataset.families), len(dataset.named)
    name, box = out[:, n : n + m], out[:, n + m :]
    l1 = ((box - reg).abs() * weight[:, None]).sum((0, 2, 3)) / weight.sum().clamp(min=1)
    return (
        _focal_loss(out[:, :n], heat, care),
        _name_loss(name, leaf, leaf_weight, torch.from_numpy(dataset.rivals)),
        l1[:2].sum() + l1[2:].sum(),
    )


def _focal_loss(logit: Tensor, heat: Tensor, care: Tensor) -> Tensor:
    p = torch.sigmoid(logit).clamp(1e-5, 1 - 1e-5)
    is_peak = (heat == 1).float()
    pos = -((1 - p) ** 2) * torch.log(p) * is_peak
    neg = -((1 - heat) ** 4) * p**2 * torch.log(1 - p) * (1 - is_peak)
    of_crop = ((pos + neg) * care[:, None]).sum((1, 2, 3))
    return (of_crop / is_peak.sum((1, 2, 3)).clamp(min=1)).mean()


def _name_loss(logit: Tensor, leaf: Tensor, leaf_weight: Tensor, rivals: Tensor) -> Tensor:
    at = leaf_weight > 0
    if not rivals.numel():
        return leaf_weight.sum() * 0
    within_family = logit.permute(0, 2, 3, 1)[at] + rivals.to(logit.device)[leaf[at]]
    entropy = F.cross_entropy(within_family, leaf[at], reduction="none")
    return (entropy * leaf_weight[at]).sum() / leaf_weight.sum().clamp(min=1)
