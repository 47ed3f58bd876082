"""Training crops: real ground or painted ground, real objects or pasted ones, look-alikes, and the target maps.

`Scenes.sample(rng)` gives (image float32 [3, CROP, CROP], heat [classes, n, n], reg [4, n, n], weight [n, n],
care [n, n]) with n = CROP / 4; `weight` marks the cells whose box is learned, `care` = 0 is ignored.
"""
import cv2
import numpy as np

import augment
import cutout
import paint
from dataset import CLASSES, FILL, GSD_M, STRIDE, normalise

CROP = 192
N = CROP // STRIDE
GROUNDS = 160  # painted grounds kept in memory
BANK = {"pfm-1": 500, "ksf-casing": 200, "lookalike": 600}  # painted once, then turned, scaled and recoloured
BANK_MM = 2.0  # millimetres per pixel of the bank: half the crop's GSD


class Scenes:
    def __init__(self, flights, backgrounds, seed=0):
        self.flights, self.backgrounds = flights, backgrounds
        self.sprites = [[] for _ in CLASSES]
        for f in flights:
            for cls, rgb, alpha, mm in cutout.cut(f):
                self.sprites[cls].append((rgb, alpha, mm))
        self.objects = [(f, o) for f in flights for o in f.objects]
        # The casings are few: draw the class first.
        self.by_class = [[p for p in self.objects if p[1].cls == c] for c in range(len(CLASSES))]
        rng = np.random.default_rng(seed)
        self.painted = [paint.ground(rng) for _ in range(GROUNDS)]
        self.bank = {
            "pfm-1": [_store(paint.pfm1(rng, ball=rng.random() > 0.06)) for _ in range(BANK["pfm-1"])],
            "ksf-casing": [_store(paint.casing(rng)) for _ in range(BANK["ksf-casing"])],
            "lookalike": [_store(paint.lookalike(rng)) for _ in range(BANK["lookalike"])],
        }
        self.hard = []  # (flight index, x, y, w, h): false alarms found on the training grounds
        self.found = []  # cut-outs of them, to paste as look-alikes on other ground

    def set_hard(self, hard):
        """Take the false alarms of a mining pass: as negative crops, and cut out to paste anywhere."""
        self.hard = hard
        self.found = []
        for i, flight in enumerate(self.flights):
            boxes = [np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2]) / np.tile(flight.scale, 2) for j, x, y, w, h in hard if j == i]
            self.found += cutout.cut_boxes(flight, boxes)

    def sample(self, rng):
        roll = rng.random()
        hard = len(self.hard) > 0
        if roll < 0.33:
            crop, valid, boxes, ignore = self._around_object(rng)
            wanted = int(rng.random() < 0.3)
        elif roll < 0.80:
            crop, valid, boxes, ignore = self._ground(rng)
            wanted = 1 + rng.binomial(3, 0.4)
        elif roll < 0.88 and hard:
            crop, valid, boxes, ignore = self._around_alarm(rng)
            wanted = 0
        else:
            crop, valid, boxes, ignore = self._flight_ground(rng) if rng.random() < 0.7 else self._ground(rng)
            wanted = 0
        crop = crop.astype(np.float32)
        if rng.random() < 0.7:
            # The ground alone first, so that object and ground do not always share one cast.
            crop = augment.tint(rng, crop, strong=not boxes)
        light = augment.sun(rng)
        crop, boxes = self._add(rng, crop, valid, boxes, ignore, wanted, light)
        if rng.random() < 0.15:
            crop = augment.cast(rng, crop)
        if rng.random() < 0.8:
            crop = augment.tint(rng, crop, strong=rng.random() < 0.3)
        crop = augment.optics(rng, crop)
        if rng.random() < 0.04:
            valid = self._bite(rng, valid)
        return (normalise(crop, valid), *self._targets(boxes, ignore, valid))

    # --- grounds -----------------------------------------------------------------------------------------------

    def _window(self, rng, flight, cx, cy):
        """A crop of a flight about (cx, cy) px: scaled 0.85-1.2, flipped, in quarter turns, with its boxes."""
        side = int(CROP / rng.uniform(0.85, 1.2))
        x0, y0 = int(cx - side / 2), int(cy - side / 2)
        h, w = flight.valid.shape
        crop = np.empty((side, side, 3), np.uint8)
        crop[:] = FILL
        valid = np.zeros((side, side), np.uint8)
        ax0, ay0, ax1, ay1 = max(0, x0), max(0, y0), min(w, x0 + side), min(h, y0 + side)
        if ax1 > ax0 and ay1 > ay0:
            crop[ay0 - y0:ay1 - y0, ax0 - x0:ax1 - x0] = flight.rgb[ay0:ay1, ax0:ax1]
            valid[ay0 - y0:ay1 - y0, ax0 - x0:ax1 - x0] = flight.valid[ay0:ay1, ax0:ax1]
        k = CROP / side
        crop = cv2.resize(crop, (CROP, CROP), interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR)
        valid = cv2.resize(valid, (CROP, CROP), interpolation=cv2.INTER_NEAREST)
        shift = np.array([x0, y0, x0, y0])
        boxes = [(o.cls, (o.box - shift) * k) for o in flight.objects]
        ignore = [(b - shift) * k for b in flight.ignore]
        if rng.random() < 0.5:
            crop, valid = crop[:, ::-1], valid[:, ::-1]
            boxes = [(c, _flip(b)) for c, b in boxes]
            ignore = [_flip(b) for b in ignore]
        for _ in range(rng.integers(4)):
            crop, valid = np.rot90(crop), np.rot90(valid)
            boxes = [(c, _turn(b)) for c, b in boxes]
            ignore = [_turn(b) for b in ignore]
        seen, lost = [], []
        for c, b in boxes:
            part = _clip(b)
            if part is None:
                continue
            # An object cut by the crop counts only if most of it is there.
            if _area(part) >= 0.6 * _area(b):
                seen.append((c, part))
            else:
                lost.append(part)
        ignore = [p for p in map(_clip, ignore) if p is not None] + lost
        return np.ascontiguousarray(crop), np.ascontiguousarray(valid), seen, ignore

    def _around_object(self, rng):
        cls = 0 if rng.random() < 0.75 or not self.by_class[1] else 1
        flight, item = self.by_class[cls][rng.integers(len(self.by_class[cls]))]
        cx, cy = (item.box[:2] + item.box[2:]) / 2 + rng.uniform(-70, 70, 2)
        return self._window(rng, flight, cx, cy)

    def _flight_ground(self, rng):
        flight = self.flights[rng.integers(len(self.flights))]
        h, w = flight.valid.shape
        for _ in range(20):
            x, y = rng.integers(w), rng.integers(h)
            if flight.valid[y, x]:
                break
        return self._window(rng, flight, x, y)

    def _around_alarm(self, rng):
        index, x, y, _, _ = self.hard[rng.integers(len(self.hard))]
        return self._window(rng, self.flights[index], *(np.array([x, y]) + rng.uniform(-60, 60, 2)))

    def _ground(self, rng):
        """Ground to paste on: flights, aerial backgrounds at any zoom, painted textures."""
        roll = rng.random()
        if roll < 0.5:
            return self._flight_ground(rng)
        image = self.painted[rng.integers(len(self.painted))] if roll < 0.82 else self.backgrounds[rng.integers(len(self.backgrounds))]
        zoom = rng.uniform(0.6, 1.8) if roll < 0.82 else rng.uniform(0.5, 2.5)
        h, w = image.shape[:2]
        turn = cv2.getRotationMatrix2D((float(rng.uniform(0.25, 0.75) * w), float(rng.uniform(0.25, 0.75) * h)), rng.uniform(0, 360), zoom)
        px, py = turn @ np.array([w / 2, h / 2, 1])
        turn[:, 2] += CROP / 2 - np.array([px, py]) + rng.uniform(-0.2, 0.2, 2) * [w * zoom, h * zoom]
        crop = cv2.warpAffine(image, turn, (CROP, CROP), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return crop, np.ones((CROP, CROP), np.uint8), [], []

    # --- objects -----------------------------------------------------------------------------------------------

    def _object(self, rng):
        """(class or None, sprite source rgb, alpha, mm per px): a cut-out or a painted object."""
        cls = 0 if rng.random() < 0.8 else 1
        if rng.random() < 0.5 and self.sprites[cls]:
            rgb, alpha, mm = self.sprites[cls][rng.integers(len(self.sprites[cls]))]
            return cls, rgb, alpha, mm
        shelf = self.bank[CLASSES[cls]]
        return cls, *shelf[rng.integers(len(shelf))], BANK_MM

    def _add(self, rng, crop, valid, boxes, ignore, wanted, light):
        boxes = list(boxes)
        taken = [b for _, b in boxes] + list(ignore)
        distract = rng.choice([0, 1, 3, 6], p=[0.3, 0.25, 0.25, 0.2])
        jobs = [True] * wanted + [False] * int(distract)
        for positive in jobs:
            if positive:
                cls, rgb, alpha, mm = self._object(rng)
                pre = augment.sprite(rng, rgb, alpha, mm, GSD_M * 1000, rng.uniform(0.85, 1.2))
            else:
                cls, mm = None, BANK_MM
                if self.found and rng.random() < 0.4:
                    rgb, alpha, mm = self.found[rng.integers(len(self.found))]
                else:
                    rgb, alpha = self.bank["lookalike"][rng.integers(BANK["lookalike"])]
                pre = augment.sprite(rng, rgb, alpha, mm, GSD_M * 1000, rng.uniform(0.85, 1.15))
            if pre is None:
                continue
            h, w = pre.shape[:2]
            for _ in range(8):
                x, y = int(rng.integers(-w // 6, max(1, CROP - w + w // 6))), int(rng.integers(-h // 6, max(1, CROP - h + h // 6)))
                box = np.array([x, y, x + w, y + h], np.float32)
                if all(_apart(box, t) for t in taken):
                    break
            else:
                continue
            part = _clip(box)
            if part is None or not valid[int(part[1]):int(part[3]), int(part[0]):int(part[2])].all():
                continue
            around = crop[int(part[1]):int(part[3]), int(part[0]):int(part[2])].reshape(-1, 3).mean(0)
            pre = augment.recolour(rng, pre, around, strong=rng.random() < 0.6)
            seen = augment.paste(rng, crop, pre, x, y, light, grass=0.4 if positive else 0.2)
            if seen is None:
                continue
            taken.append(box)
            if positive:
                whole = (w - 4) * (h - 4)
                if _area(seen) >= 0.6 * whole:
                    boxes.append((cls, seen))
                else:
                    ignore.append(seen)
        return np.clip(crop, 0, 255), boxes

    @staticmethod
    def _bite(rng, valid):
        """Mask a rectangle at one side: a missing tile, the edge of the mosaic."""
        valid = valid.copy()
        cut = int(rng.uniform(0.1, 0.6) * CROP)
        side = rng.integers(4)
        view = (valid[:cut], valid[CROP - cut:], valid[:, :cut], valid[:, CROP - cut:])[side]
        view[:] = 0
        return valid

    # --- targets -----------------------------------------------------------------------------------------------

    @staticmethod
    def _targets(boxes, ignore, valid):
        heat = np.zeros((len(CLASSES), N, N), np.float32)
        reg = np.zeros((4, N, N), np.float32)
        weight = np.zeros((N, N), np.float32)
        care = np.ones((N, N), np.float32)
        cy, cx = np.mgrid[0:N, 0:N].astype(np.float32)
        for b in ignore:
            x0, y0, x1, y1 = b / STRIDE
            care[int(max(0, y0 - 1)):int(y1 + 2), int(max(0, x0 - 1)):int(x1 + 2)] = 0
        for cls, b in boxes:
            x0, y0, x1, y1 = b / STRIDE
            ix0, iy0, ix1, iy1 = b.astype(int)
            if valid[iy0:iy1, ix0:ix1].mean() < 0.6:
                care[int(y0):int(y1) + 1, int(x0):int(x1) + 1] = 0
                continue
            mx, my, w, h = (x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, 1.0), max(y1 - y0, 1.0)
            px, py = min(int(mx), N - 1), min(int(my), N - 1)
            spread = max(0.8, np.sqrt(w * h) / 6)
            g = np.exp(-((cx - px) ** 2 + (cy - py) ** 2) / (2 * spread**2))
            heat[cls] = np.maximum(heat[cls], g)
            near = g > np.maximum(weight, 0.4)
            weight[near] = g[near]
            for k, v in enumerate((mx - cx, my - cy, np.log(w) + 0 * cx, np.log(h) + 0 * cx)):
                reg[k][near] = v[near]
            care[max(0, py - 3):py + 4, max(0, px - 3):px + 4] = 1
        return heat, reg, weight, care


def _store(drawing):
    """A drawing at 1 mm per pixel, halved and cropped to what is painted: (rgb uint8, alpha float32)."""
    rgb, alpha = (cv2.resize(x.astype(np.float32), None, fx=1 / BANK_MM, fy=1 / BANK_MM, interpolation=cv2.INTER_AREA) for x in drawing)
    ys, xs = np.nonzero(alpha > 0.02)
    win = (slice(max(0, ys.min() - 3), ys.max() + 4), slice(max(0, xs.min() - 3), xs.max() + 4))
    return np.ascontiguousarray(rgb[win]).astype(np.uint8), np.ascontiguousarray(alpha[win])


def _flip(b):
    return np.array([CROP - b[2], b[1], CROP - b[0], b[3]])


def _turn(b):
    """Box after numpy.rot90 (a quarter turn against the clock)."""
    return np.array([b[1], CROP - b[2], b[3], CROP - b[0]])


def _clip(b):
    c = np.clip(b, 0, CROP)
    return c if c[2] - c[0] > 2 and c[3] - c[1] > 2 else None


def _area(b):
    return max(0.0, b[2] - b[0]) * max(0.0, b[3] - b[1])


def _apart(a, b):
    return a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
