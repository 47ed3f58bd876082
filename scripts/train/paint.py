"""Painted objects and grounds: PFM-1 bodies, dispenser casings, look-alikes, grass and soil textures.

A painter returns (rgb float32 [n, n, 3] 0..255, alpha float32 [n, n] 0..1) at 1 mm a pixel, drawn at the centre;
only outside dimensions and colours are modelled, as anyone sees them from above. `rng` is numpy's Generator.
"""
import cv2
import numpy as np

BODY_COLOURS = np.array(  # tan, brown, pink, white, grey, green, dark olive
    [[205, 165, 130], [140, 110, 85], [215, 165, 155], [235, 228, 222], [160, 158, 155], [110, 130, 85], [105, 98, 75],
     [165, 145, 125], [185, 175, 160]], np.float32)
LEAF_COLOURS = np.array(
    [[230, 140, 70], [190, 110, 60], [150, 110, 75], [215, 190, 140], [225, 205, 185], [200, 180, 70], [120, 90, 70],
     [205, 160, 130], [170, 160, 145]], np.float32)
GROUND_COLOURS = np.array(
    [[150, 145, 110], [120, 135, 85], [170, 155, 125], [95, 115, 65], [135, 125, 105], [190, 180, 165], [110, 95, 75],
     [140, 150, 125], [160, 150, 135]], np.float32)


def colour(rng, palette):
    """A palette colour with a random tint and brightness."""
    c = palette[rng.integers(len(palette))] * rng.uniform(0.8, 1.15) + rng.normal(0, 8, 3)
    return np.clip(c, 15, 255).astype(np.float32)


def noise(rng, shape, cell):
    """Smooth noise of about unit spread; `cell` is the blob size in pixels."""
    h, w = shape
    small = rng.standard_normal((max(2, int(h / cell) + 2), max(2, int(w / cell) + 2))).astype(np.float32)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)


def soften(mask, radius):
    """Round the corners of a 0/1 mask by about `radius` pixels."""
    return np.clip((cv2.GaussianBlur(mask, (0, 0), radius) - 0.5) * 4 + 0.5, 0, 1)


def shade(rng, rgb, amount):
    """A brightness ramp across the object: the sun on a curved body."""
    n = rgb.shape[0]
    angle = rng.uniform(0, 2 * np.pi)
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32) / n - 0.5
    ramp = 1 + amount * 2 * (xx * np.cos(angle) + yy * np.sin(angle))
    return rgb * ramp[..., None]


def pfm1(rng, ball=True, size=1.0):
    """A PFM-1 from above: two wings, 120 mm over all, a plug of about 20 mm at the concave side."""
    n = 200
    c = n / 2
    body = np.zeros((n, n), np.float32)
    second = np.zeros((n, n), np.float32)
    tilt = np.radians(rng.uniform(2, 24))
    root, tip = rng.uniform(16, 21), rng.uniform(9, 16)
    for side in (-1, 1):
        length = rng.uniform(56, 65) * size
        mid = rng.uniform(17, 24)
        u = np.array([-2, 0.5, 0.85, 1.0, 1.0, 0.85, 0.5, -2 / length]) * length
        u[0] = u[-1] = -3
        v = np.array([-root, -mid, -tip * 1.1, -tip * 0.5, tip * 0.5, tip * 1.1, mid, root]) * size
        # Both wings bend towards -y, where the plug sits.
        x = side * (u * np.cos(tilt)) + v * np.sin(tilt) * side
        y = -u * np.sin(tilt) + v * np.cos(tilt)
        poly = np.stack([c + x, c + y + 8], 1).round().astype(np.int32)
        wing = np.zeros((n, n), np.uint8)
        cv2.fillPoly(wing, [poly], 1)
        body = np.maximum(body, wing)
        if side == 1:
            second = wing.astype(np.float32)
    alpha = soften(body.astype(np.float32), 3.5)
    base = colour(rng, BODY_COLOURS)
    other = base * rng.uniform(0.85, 1.15)
    if rng.random() < 0.15:
        other = colour(rng, np.array([[240, 238, 235]], np.float32))
    blend = cv2.GaussianBlur(second, (0, 0), 1.5)[..., None]
    rgb = base * (1 - blend) + other * blend
    spread = rng.choice([0.03, 0.08, 0.2], p=[0.5, 0.35, 0.15])
    rgb = rgb * (1 + spread * noise(rng, (n, n), rng.uniform(8, 40))[..., None])
    rgb = shade(rng, rgb, rng.uniform(0, 0.5))
    if rng.random() < 0.6:
        line = np.zeros((n, n), np.float32)
        cv2.line(line, (int(c + rng.integers(-4, 5)), int(c - 30)), (int(c + rng.integers(-4, 5)), int(c + 40)), 1.0,
                 int(rng.integers(2, 7)), cv2.LINE_AA)
        rgb = rgb * (1 + cv2.GaussianBlur(line, (0, 0), 1.5) * rng.uniform(-0.6, 0.3))[..., None]
    if rng.random() < 0.3:
        rim = np.clip(alpha - cv2.erode(alpha, np.ones((7, 7))), 0, 1)
        rgb = rgb * (1 + rim * rng.uniform(-0.3, 0.3))[..., None]
    if ball:
        spot = (c + rng.uniform(-9, 9), c + 8 - root * size - rng.uniform(-5, 7))
        rgb, alpha = _ball(rng, rgb, alpha, spot, rng.uniform(7.5, 12))
    if rng.random() < 0.08:
        rgb, alpha = _ball(rng, rgb, alpha, (c + rng.choice([-1, 1]) * 52, c - 6), rng.uniform(5, 9))
    return np.clip(rgb, 0, 255), alpha


def _ball(rng, rgb, alpha, spot, radius):
    """Put a small, mostly white ball on a drawing."""
    n = alpha.shape[0]
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32)
    dist = np.hypot((xx - spot[0]) * rng.uniform(0.85, 1.2), yy - spot[1])
    disc = np.clip(radius - dist + 0.5, 0, 1)
    tone = np.array([245, 245, 243], np.float32) * (rng.uniform(0.85, 1.05) if rng.random() < 0.85 else rng.uniform(0.55, 0.85))
    lit = tone * (1 - rng.uniform(0, 0.35) * np.clip(dist / radius, 0, 1))[..., None]
    return rgb * (1 - disc[..., None]) + lit * disc[..., None], np.maximum(alpha, disc)


def casing(rng):
    """The dispenser's half tube (0.21-0.26 m x 0.05-0.08 m, perforated, ribbed or plain) or its square end piece."""
    n = 320
    c = n // 2
    square = rng.random() < 0.4
    if square:
        length, width = rng.uniform(76, 95), rng.uniform(72, 92)
    else:
        length, width = rng.uniform(208, 262), rng.uniform(48, 80)
    mask = np.zeros((n, n), np.float32)
    x0, x1, y0, y1 = c - length / 2, c + length / 2, c - width / 2, c + width / 2
    skew = rng.uniform(-4, 4, 8)
    poly = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) + skew.reshape(4, 2)
    cv2.fillPoly(mask, [poly.round().astype(np.int32)], 1.0)
    alpha = soften(mask, 3 if not square else rng.uniform(2, 6))
    metal = np.array([[250, 250, 248], [240, 242, 240], [200, 212, 222], [175, 188, 200], [225, 222, 212]], np.float32)
    rgb = np.ones((n, n, 3), np.float32) * colour(rng, metal)
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32)
    dark = np.zeros((n, n), np.float32)
    kind = rng.integers(4)
    if square:
        if kind < 2:  # a round boss
            r = np.hypot(xx - c, yy - c)
            dark = np.exp(-((r - rng.uniform(16, 30)) ** 2) / 30)
    elif kind in (0, 1):  # rows of holes
        rows = rng.choice([2, 3])
        pitch, hole = rng.uniform(16, 26), rng.uniform(3, 6)
        for row in range(rows):
            y = y0 + width * (row + 0.5 + rng.uniform(-0.1, 0.1)) / rows
            for x in np.arange(x0 + 10, x1 - 8, pitch):
                cv2.line(dark, (int(x), int(y)), (int(x + pitch * 0.5), int(y)), 1.0, int(hole), cv2.LINE_AA)
    elif kind == 2:  # lengthwise grooves
        dark = np.clip(np.sin((yy - y0) / width * np.pi * 2 * rng.integers(1, 4) + rng.uniform(0, 6)), 0, 1)
    rgb = rgb * (1 - dark * rng.uniform(0.1, 0.75))[..., None]
    rgb = shade(rng, rgb, rng.uniform(0, 0.6))
    if not square:  # the curve of the half tube
        rgb = rgb * (1 + rng.uniform(-0.35, 0.35) * np.clip((yy - c) / width * 2, -1, 1))[..., None]
    return np.clip(rgb, 0, 255), alpha


def _blob(rng, n, size, stretch, lobes, depth):
    """A closed lobed outline: mask [n, n] 0..1, `size` mm along the longer axis."""
    t = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    r = 1 + depth * np.cos(lobes * t + rng.uniform(0, 6)) + 0.12 * np.cos(rng.integers(2, 6) * t + rng.uniform(0, 6))
    x, y = r * np.cos(t) * size / 2, r * np.sin(t) * size / 2 / stretch
    mask = np.zeros((n, n), np.uint8)
    cv2.fillPoly(mask, [np.stack([n / 2 + x, n / 2 + y], 1).round().astype(np.int32)], 1)
    return soften(mask.astype(np.float32), 2)


def _oak(rng, n):
    """A lobed leaf about its midrib, whole or torn: mask [n, n] 0..1. Oak leaves are the commonest false alarm."""
    length = rng.uniform(70, 170)
    width = length * rng.uniform(0.22, 0.4)
    u = np.linspace(0, 1, 60)
    sides = []
    for side in (-1, 1):
        lobes, phase = rng.uniform(2.2, 4.2), rng.uniform(0, np.pi)
        cut = np.abs(np.sin(np.pi * lobes * u + phase)) ** rng.uniform(0.5, 1.5)
        depth = rng.uniform(0.25, 0.75)
        half = width * np.sin(np.pi * np.clip(u, 0.01, 0.99)) ** 0.6 * (1 - depth + depth * cut)
        sides.append(np.stack([(u - 0.5) * length, side * half], 1))
    bend = rng.uniform(-0.004, 0.004)
    poly = np.concatenate([sides[0], sides[1][::-1]])
    poly[:, 1] += bend * poly[:, 0] ** 2
    mask = np.zeros((n, n), np.float32)
    cv2.fillPoly(mask, [(poly + n / 2).round().astype(np.int32)], 1.0)
    if rng.random() < 0.25:  # torn
        yy, xx = np.mgrid[0:n, 0:n].astype(np.float32) - n / 2
        angle = rng.uniform(0, 2 * np.pi)
        mask *= (xx * np.cos(angle) + yy * np.sin(angle)) > -rng.uniform(0.1, 0.4) * length
    if rng.random() < 0.5:  # stalk
        cv2.line(mask, (int(n / 2 + length / 2 - 4), n // 2), (int(n / 2 + length / 2 + rng.uniform(8, 30)), int(n / 2 + rng.uniform(-10, 10))), 1.0, int(rng.integers(2, 5)))
    return soften(mask, 1.5)


def lookalike(rng):
    """Something that is not ordnance: leaf, stone, paper, stick, lone white ball, half-moon without a plug."""
    kind = rng.choice(["oak", "leaf", "stone", "paper", "stick", "ball", "moon", "pair"], p=[0.45, 0.17, 0.1, 0.08, 0.06, 0.05, 0.03, 0.06])
    n = 320
    yy, xx = np.mgrid[0:n, 0:n].astype(np.float32)
    if kind == "moon":
        # Of a size no PFM-1 has: a body of the right size without its plug may still be one.
        return pfm1(rng, ball=False, size=rng.choice([rng.uniform(0.45, 0.7), rng.uniform(1.4, 1.6)]))
    if kind in ("leaf", "pair"):
        size = rng.uniform(40, 150)
        alpha = _blob(rng, n, size, rng.uniform(1, 3), rng.integers(3, 8), rng.choice([0, 0.1, 0.35]))
        rgb = np.ones((n, n, 3), np.float32) * colour(rng, LEAF_COLOURS)
        rgb = rgb * (1 + 0.12 * noise(rng, (n, n), 15)[..., None])
        if rng.random() < 0.6:
            rgb = rgb * (1 + np.exp(-(((yy - n / 2) / 3) ** 2)) * rng.uniform(-0.3, 0.3))[..., None]
        if kind == "pair":  # a leaf beside a pale crumb, but far smaller or larger than a plug, or off the middle
            far = rng.choice([-1, 1]) * size * rng.uniform(0.45, 0.7)
            rgb, alpha = _ball(rng, rgb, alpha, (n / 2 + far, n / 2 + rng.uniform(-30, 30)), rng.choice([rng.uniform(2.5, 5), rng.uniform(15, 22)]))
    elif kind == "oak":
        alpha = _oak(rng, n)
        base = colour(rng, np.concatenate([LEAF_COLOURS, BODY_COLOURS]))
        half = (yy > n / 2)[..., None]  # a folded leaf: one half in the light
        rgb = base * np.where(half, rng.uniform(0.6, 1.1), rng.uniform(0.9, 1.2)).astype(np.float32)
        rgb = rgb * (1 + rng.uniform(0.02, 0.15) * noise(rng, (n, n), rng.uniform(6, 30))[..., None])
        if rng.random() < 0.5:
            rgb = rgb * (1 + np.exp(-(((yy - n / 2) / 3) ** 2)) * rng.uniform(-0.3, 0.4))[..., None]
    elif kind == "stone":
        alpha = _blob(rng, n, rng.uniform(20, 130), rng.uniform(1, 1.8), 2, 0.05)
        grey = rng.uniform(90, 245)
        rgb = np.ones((n, n, 3), np.float32) * (grey + rng.normal(0, 8, 3).astype(np.float32))
        rgb = rgb * (1 + 0.1 * noise(rng, (n, n), 12)[..., None])
    elif kind == "paper":
        # Never 70-110 mm square, which is the end piece of a casing.
        a, b = (rng.uniform(20, 55), rng.uniform(15, 60)) if rng.random() < 0.5 else (rng.uniform(130, 290), rng.uniform(100, 220))
        corners = np.array([[-a, -b], [a, -b], [a, b], [-a, b]]) / 2 * rng.uniform(0.6, 1.1, (4, 2))
        alpha = np.zeros((n, n), np.float32)
        cv2.fillPoly(alpha, [(corners + n / 2).round().astype(np.int32)], 1.0)
        rgb = np.ones((n, n, 3), np.float32) * colour(rng, np.array([[245, 245, 242], [230, 235, 240], [200, 60, 50], [60, 90, 180], [225, 215, 190]], np.float32))
    elif kind == "stick":
        alpha = np.zeros((n, n), np.float32)
        half = rng.uniform(40, 150)
        bend = rng.uniform(-25, 25)
        pts = np.array([[n / 2 - half, n / 2], [n / 2, n / 2 + bend], [n / 2 + half, n / 2 + rng.uniform(-20, 20)]])
        cv2.polylines(alpha, [pts.round().astype(np.int32)], False, 1.0, int(rng.integers(4, 16)), cv2.LINE_AA)
        rgb = np.ones((n, n, 3), np.float32) * colour(rng, np.concatenate([LEAF_COLOURS, GROUND_COLOURS]))
    else:
        rgb, alpha = _ball(rng, np.zeros((n, n, 3), np.float32), np.zeros((n, n), np.float32), (n / 2, n / 2), rng.uniform(6, 28))
    return np.clip(shade(rng, rgb, rng.uniform(0, 0.7)), 0, 255), alpha


def ground(rng, n=448):
    """A ground of strokes and noise at the model's GSD: uint8 [n, n, 3]. Stands for grass and soil not in the flights."""
    base = colour(rng, GROUND_COLOURS)
    rgb = np.ones((n, n, 3), np.float32) * base
    tone = colour(rng, GROUND_COLOURS)
    patch = np.clip(noise(rng, (n, n), rng.uniform(40, 160)) * 0.5 + 0.5, 0, 1)[..., None]
    rgb = rgb * (1 - patch * 0.7) + tone * patch * 0.7
    for cell, amount in ((24, 6), (8, 9), (3, 12), (1, 10)):
        rgb = rgb + noise(rng, (n, n), cell)[..., None] * amount * rng.uniform(0.2, 1.6)
    rgb = np.clip(rgb, 0, 255).astype(np.uint8)
    if rng.random() < 0.8:  # grass
        count = int(rng.uniform(3000, 12000))
        centre = rng.integers(0, n, (count, 2))
        angle = rng.normal(rng.uniform(0, np.pi), rng.uniform(0.5, 3), count)
        half = rng.uniform(2, rng.uniform(5, 14), count)
        step = np.stack([np.cos(angle), np.sin(angle)], 1) * half[:, None]
        light = rng.normal(1, rng.uniform(0.1, 0.35), count)
        mix = rng.random(count) < 0.5
        for p, d, k, m in zip(centre, step, light, mix):
            tint = np.clip((base if m else tone) * k, 0, 255).tolist()
            cv2.line(rgb, (int(p[0] - d[0]), int(p[1] - d[1])), (int(p[0] + d[0]), int(p[1] + d[1])), tint, 1, cv2.LINE_AA)
    if rng.random() < 0.5:
        rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.4, 1.2))
    return rgb
