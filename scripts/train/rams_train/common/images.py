"""OpenCV's resampling and smoothing, with arrays in and out."""

import cv2

from rams_train.common.arrays import Array


def blur(image: Array, sigma: float) -> Array:
    """Gaussian blur with a deviation of `sigma` px."""
    return cv2.GaussianBlur(image, (0, 0), sigma)


def shrink(image: Array, width: int, height: int) -> Array:
    """The image averaged over areas, as a coarser sensor would see it."""
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def resize(image: Array, width: int, height: int) -> Array:
    """The image at another size: averaged where it gets narrower, else bilinear."""
    how = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)


def smooth_noise(grid: Array, width: int, height: int) -> Array:
    """A small grid of noise as a smooth field, by bicubic interpolation."""
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
