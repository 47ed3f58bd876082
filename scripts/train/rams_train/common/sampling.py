"""Drawing at random."""

from typing import Protocol, TypeVar

from rams_train.common.arrays import Rng

T = TypeVar("T", covariant=True)


class Indexed(Protocol[T]):
    """A list, a tuple, or an array by its first axis."""

    def __len__(self) -> int:
        """How many items."""

    def __getitem__(self, index: int, /) -> T:
        """One of them."""


def pick(rng: Rng, items: Indexed[T]) -> T:
    """One of `items`, each as likely."""
    return items[int(rng.integers(len(items)))]
