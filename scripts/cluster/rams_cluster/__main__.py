"""The command line; scripts/cluster/{survey,head,join} call it."""

import argparse
import os
import signal
import sys
from pathlib import Path

from rams_cluster import engine, head, join, survey
from rams_cluster.plan import PlanError
from rams_cluster.program import NoProgramError

_INTERRUPTED = 130


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1024:
        raise argparse.ArgumentTypeError("give a number from 0 to 1024")
    return number


def _parser(command: str, usage: str | None, text: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        f"scripts/cluster/{command}",
        usage,
        text,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--certificates",
        type=Path,
        metavar="DIR",
        help="what scripts/cluster/certificates made; without it, this machine alone",
    )
    return parser


def _survey(words: list[str]) -> int:
    parser = _parser(
        "survey",
        "%(prog)s ORTHO... -o DIR [flags of rams plan] [--scheduler tls://HEAD:8786]",
        "Plans a survey, does its shards on many machines, and makes its map. The same command\n"
        "goes on where it was stopped. Every other flag goes to `rams plan`: see its --help.\n\n"
        "Exit codes are those of a survey; 1 if shards failed, 5 if no machine can do the plan.",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="as head prints it [default: the cores of this PC]"
    )
    parser.add_argument(
        "--workers", type=_count, metavar="N", help="without --scheduler [default: its cores]"
    )
    parser.add_argument("--json", action="store_true", help="print a machine-readable summary")
    args, rest = parser.parse_known_args(words)
    if args.scheduler is not None and args.workers is not None:
        parser.error("--workers goes with a cluster of this machine; give it to join")
    cores = len(os.sched_getaffinity(0))
    return survey.survey(
        survey.SurveyConfig(
            args.out, rest, args.scheduler, args.certificates, args.workers or cores, args.json
        )
    )


def _head(words: list[str]) -> int:
    parser = _parser("head", None, "Begins the scheduler; Ctrl-C ends it.")
    parser.add_argument("--port", type=int, default=engine.PORT, help="[default: %(default)s]")
    args = parser.parse_args(words)
    return head.head(args.port, args.certificates)


def _join(words: list[str]) -> int:
    parser = _parser("join", None, "This machine works for a scheduler; Ctrl-C ends that.")
    parser.add_argument("scheduler", metavar="tls://HEAD:8786", help="as head prints it")
    parser.add_argument("--workers", type=_count, metavar="CORES", help="[default: all]")
    parser.add_argument("--gpus", type=_count, metavar="N", help="[default: those of NVIDIA]")
    args = parser.parse_args(words)
    gpus = join.gpus() if args.gpus is None else args.gpus
    if args.workers == 0 and gpus == 0:
        parser.error("--workers 0 is for a machine with a GPU, and none is here")
    return join.join(args.scheduler, args.certificates, args.workers, gpus)


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Runs a command; with its exit code."""
    commands = {"survey": _survey, "head": _head, "join": _join}
    command, words = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGTERM, _leave)
    engine.set_up()
    try:
        return commands[command](words)
    except (
        PlanError,
        NoProgramError,
        engine.ConnectionRefusedHereError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if command == "survey":
            print("stopped; the same command goes on", file=sys.stderr, flush=True)
        # No thread is waited for: children die with this process.
        os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
