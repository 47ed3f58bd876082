"""How far it is: a bar on a terminal, a line a minute elsewhere."""

import sys
import time

from tqdm import tqdm

_EVERY_S = 60.0


class Progress:
    """Megapixels that are sealed, of all."""

    def __init__(self, megapixels: float, sealed: float) -> None:
        """Of a survey of so many megapixels, some of them sealed before."""
        self._all, self._before, self._sealed = megapixels, sealed, sealed
        self._begun = self._told = time.monotonic()
        self._bar: tqdm[None] | None = None
        if sys.stderr.isatty():
            form = "{l_bar}{bar}| {n:.0f}/{total:.0f} MP, {rate_fmt}, {remaining} left{postfix}"
            self._bar = tqdm(
                total=megapixels, initial=sealed, unit="MP", bar_format=form, smoothing=0
            )

    def update(self, sealed: float, done: int, shards: int, workers: int) -> None:
        """Shows what is sealed now."""
        step, self._sealed = sealed - self._sealed, sealed
        if self._bar is not None:
            self._bar.set_postfix_str(f"{done} of {shards} shards, {workers} workers", False)
            self._bar.update(step)
            self._bar.refresh()
        elif time.monotonic() - self._told >= _EVERY_S:
            self._told = time.monotonic()
            rate = (sealed - self._before) / (self._told - self._begun)
            left = f", about {(self._all - sealed) / rate / 3600:.1f} h left" if rate > 0 else ""
            print(
                f"{done} of {shards} shards, {sealed:.0f} of {self._all:.0f} MP, "
                f"{rate:.1f} MP/s, {workers} workers{left}",
                file=sys.stderr,
                flush=True,
            )

    def notice(self, text: str) -> None:
        """Tells something beside it."""
        if self._bar is not None:
            tqdm.write(text, file=sys.stderr)
        else:
            print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.close()
