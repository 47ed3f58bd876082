"""Mining of hard negatives: false alarms of the present weights on the training grounds."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.dataset import AnnotatedImage
from rams_train.ordnance.model import Decoder
from rams_train.ordnance.tiled_inference import detect

# With "wide" a third of the real ground and a twelfth of the scenes are searched at a time.
REAL_TURNS, SCENE_TURNS = 3, 12
NEAR_PX = 9  # about an object: what is found there is no false alarm


@dataclass(frozen=True)
class HardNegative:
    """A false alarm: the key of the image, the middle and the size of the box in its px."""

    key: str
    x: float
    y: float
    w: float
    h: float

    def row(self) -> tuple[Any, ...]:
        """As last.pt keeps it."""
        return astuple(self)


def find_false_alarms(
    net: nn.Module,
    images: Iterable[AnnotatedImage],
    device: torch.device,
    score: float = 0.05,
    most: int = 600,
    most_of_one: int = 600,
    dataset: Dataset = SHIPPED,
) -> list[HardNegative]:
    """Detections of at least `score` that lie on no object, the likeliest first.

    At most `most_of_one` of each image and `most` in all.
    """

    def half(x: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16):
            raw: Tensor = net(x)
            return raw.float()

    decoder = Decoder(half, dataset).to(device)

    def run(x: Tensor) -> Tensor:
        boxes: Tensor = decoder(x.to(device, memory_format=torch.channels_last))
        return boxes

    found: list[tuple[float, HardNegative]] = []
    for image in images:
        own = _false_alarms_of(image, run, score)
        found += sorted(own, key=_by_score, reverse=True)[:most_of_one]
    found.sort(key=_by_score, reverse=True)
    return [alarm for _, alarm in found[:most]]


def _by_score(alarm: tuple[float, HardNegative]) -> tuple[Any, ...]:
    """By score, and so that equal scores have an order too."""
    return alarm[0], *alarm[1].row()


def _false_alarms_of(
    image: AnnotatedImage, run: Any, score: float
) -> list[tuple[float, HardNegative]]:
    boxes = np.array([o.box for o in image.objects] + list(image.ignore)).reshape(-1, 4)
    alarms = []
    for x0, y0, x1, y1, s, _ in detect(run, image, score):
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        near = (
            (boxes[:, 0] - NEAR_PX < cx)
            & (cx < boxes[:, 2] + NEAR_PX)
            & (boxes[:, 1] - NEAR_PX < cy)
            & (cy < boxes[:, 3] + NEAR_PX)
        )
        if not near.any():
            alarm = HardNegative(image.key, float(cx), float(cy), float(x1 - x0), float(y1 - y0))
            alarms.append((float(s), alarm))
    return alarms


def due_images(turn: int, flights: int, scenes: int, images: int) -> list[int]:
    """Which of all images are searched in a turn: their indices.

    The images are `flights` flights, then `scenes` scenes, then other ground.
    """

    def period(index: int) -> int:
        is_scene = flights <= index < flights + scenes
        return SCENE_TURNS if is_scene else REAL_TURNS

    return [i for i in range(images) if (turn - i) % period(i) == 0]
