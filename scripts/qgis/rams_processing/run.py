"""A run of the program: progress, cancel, exit code."""

from __future__ import annotations

import codecs
import os
import queue
import re
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Any, Callable

from qgis.core import QgsProcessingException, QgsProcessingFeedback

from . import program

# The program draws its bar only where somebody looks, so that it is given a terminal. Where the
# system has none to give, progress is not known.
try:
    import pty
except ImportError:
    pty = None  # type: ignore[assignment]

DONE, DONE_WITH_GAPS = 0, 3


@dataclass
class Outcome:
    """What a run came to."""

    code: int
    # What it printed as its answer.
    text: str
    cancelled: bool


@dataclass
class Bar:
    """What the program draws while it works: notices, and `12/340 tiles` of each pass of a model
    over an orthomosaic.
    """

    feedback: QgsProcessingFeedback
    passes: int = 1
    notices: list[str] = field(default_factory=list)
    _rest: str = ""
    _number: int = 0
    _last: tuple[int, int] = (0, 0)

    def take(self, text: str) -> None:
        """The next piece of what it draws."""
        *lines, self._rest = re.split(r"[\r\n]|\x1b\[[0-9;]*[A-Za-z]", self._rest + text)
        for line in lines:
            self._line(line.strip())

    def end(self) -> None:
        """Nothing comes any more."""
        self._line(self._rest.strip())

    def _line(self, line: str) -> None:
        tiles = re.search(r"(\d+)/(\d+) tiles", line)
        if tiles:
            self._tiles(int(tiles[1]), int(tiles[2]))
        elif line and not re.search("[█░]", line):
            self.notices.append(line)
            self.feedback.pushInfo(line)

    def _tiles(self, done: int, of: int) -> None:
        # A bar that begins again is drawn before it knows how long it is.
        if done == 0:
            return
        before, of_before = self._last
        if of != of_before or done < before:
            self._number += 1
            self.passes = max(self.passes, self._number)
            self.feedback.setProgressText(f"Pass {self._number} of {self.passes}: {of} tiles")
        self._last = (done, of)
        share = (self._number - 1 + done / of) / self.passes
        self.feedback.setProgress(100 * share)


def run(arguments: list[str], feedback: QgsProcessingFeedback, passes: int = 1) -> Outcome:
    """Runs the program to its end. A cancel interrupts it: it finishes the tiles in work and
    writes what is there.

    Raises QgsProcessingException with the program's own words where it failed.
    """
    command = [program.find(), *arguments]
    feedback.pushCommandInfo(subprocess.list2cmdline(command))
    bar = Bar(feedback, passes)
    answer: list[str] = []
    said: queue.Queue[tuple[Callable[[str], None], str | None]] = queue.Queue()
    process, drawn = _start(command)
    ways = [(drawn, bar.take), (process.stdout.fileno(), answer.append)]
    for source, take in ways:
        threading.Thread(target=_pump, args=(source, take, said), daemon=True).start()
    open_ways, cancelled = len(ways), False
    while open_ways:
        if feedback.isCanceled() and not cancelled:
            cancelled = True
            feedback.pushInfo("Finishing the tiles in work, and writing what is there.")
            _interrupt(process)
        try:
            take, text = said.get(timeout=0.2)
        except queue.Empty:
            continue
        if text is None:
            open_ways -= 1
        else:
            take(text)
    bar.end()
    code = process.wait()
    process.stdout.close()
    if process.stderr is None:
        os.close(drawn)
    else:
        process.stderr.close()
    if code not in (DONE, DONE_WITH_GAPS) and not cancelled:
        raise QgsProcessingException(_error(bar.notices, code))
    return Outcome(code, "".join(answer).strip(), cancelled)


def _start(command: list[str]) -> tuple[Any, int]:
    """The process, and from where to read what it draws."""
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    try:
        if pty is None:
            process = subprocess.Popen(
                command, stderr=subprocess.PIPE, **pipes, **program.NO_WINDOW
            )
            return process, process.stderr.fileno()
        ours, theirs = pty.openpty()
        try:
            environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
            return subprocess.Popen(command, stderr=theirs, env=environment, **pipes), ours
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
    except OSError as error:
        raise QgsProcessingException(f"cannot start {command[0]}: {error}") from error


def _pump(source: int, take: Callable[[str], None], said: queue.Queue[Any]) -> None:
    """Hands on what comes, as text, then None."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            piece = os.read(source, 65536)
        except OSError:
            # A terminal whose other side is closed.
            piece = b""
        if not piece:
            break
        said.put((take, decoder.decode(piece)))
    said.put((take, None))


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        # What is done stays in the checkpoint; the same command goes on.
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)


def _error(notices: list[str], code: int) -> str:
    starts = [at for at, line in enumerate(notices) if line.startswith("error: ")]
    if starts:
        return "\n".join(notices[starts[-1] :]).removeprefix("error: ")
    return "\n".join(notices[-5:]) or f"rams ended with exit code {code}"
