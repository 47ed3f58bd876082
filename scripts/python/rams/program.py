"""The program `rams`: where it is, its options, and one run of it."""

import logging
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

StrPath = str | os.PathLike[str]
Paths = StrPath | Sequence[StrPath]
Option = None | bool | float | StrPath | Sequence[StrPath]

logger = logging.getLogger("rams")

DONE_WITH_GAPS = 3


class RamsError(Exception):
    """The program ended with an error, or is not there. Its text is that of the program."""

    exit_code: int | None = None
    """That of the program; None where it did not run."""


class UnexpectedGaps(UserWarning):
    """The survey is done, but ground that should have been assessed was not (exit code 3)."""


@dataclass(frozen=True)
class Ran:
    """What a run of the program that did not fail left."""

    stdout: str
    notices: tuple[str, ...]
    exit_code: int


def find_program(program: StrPath | None = None) -> Path:
    """Return the path of the program.

    The first there is of: `program`; the environment variable RAMS; `rams` on the PATH; what was
    built (release, else debug) in the checkout that holds the working folder or this package.
    A program that is named and is not there is a RamsError, never replaced by another.
    """
    for named, by in ((program, "program"), (os.environ.get("RAMS"), "the variable RAMS")):
        if named:
            found = shutil.which(named)
            if not found:
                raise RamsError(f"cannot run {os.fspath(named)}, which {by} names: no such program")
            return Path(found).absolute()
    if on_path := shutil.which("rams"):
        return Path(on_path).absolute()
    for folder in (Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents):
        for profile in ("release", "debug"):
            built = folder / "target" / profile / "rams"
            if (folder / "pipeline" / "cli").is_dir() and os.access(built, os.X_OK):
                return built
    raise RamsError(
        "cannot find the program rams; put it on the PATH, name it in the variable RAMS, or give "
        "program=PATH"
    )


def paths(value: Paths) -> list[str]:
    """Return one path, or several, as texts."""
    several = [value] if isinstance(value, str | os.PathLike) else value
    return [os.fspath(path) for path in several]


def options(values: Mapping[str, Option]) -> list[str]:
    """Return options by their names on the command line; None and False are not given.

    >>> options({"out": "a", "overwrite": True, "model": ["b", "c"], "dsm": None})
    ['--out=a', '--overwrite', '--model=b', '--model=c']
    """
    given = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        if value is True:
            given.append(f"--{name}")
        elif isinstance(value, int | float):
            given.append(f"--{name}={value}")
        else:
            given.extend(f"--{name}={path}" for path in paths(value))
    return given


def run(
    command: str,
    given: Sequence[str],
    program: StrPath | None = None,
    done: Sequence[int] = (0,),
) -> Ran:
    """Run a command of the program to its end; an exit code that is not in `done` is a RamsError.

    What the program says meanwhile goes to the logger `rams`, level INFO. A KeyboardInterrupt
    stops it as one Ctrl-C does, and is raised again once it has written what it has.
    """
    words = [str(find_program(program)), command, *given]
    notices = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stdout:
        # A group of its own: one Ctrl-C would come twice, and twice means to stop at once.
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            process_group=0,
        )
        assert process.stderr is not None
        try:
            for line in process.stderr:
                notices.append(line.rstrip())
                logger.info("%s", notices[-1])
            exit_code = process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
        stdout.seek(0)
        text = stdout.read()
    if exit_code not in done:
        said = "\n".join(notices).strip().removeprefix("error: ")
        error = RamsError(said or f"rams {command} ended with {exit_code}")
        error.exit_code = exit_code
        raise error
    return Ran(text, tuple(notices), exit_code)
