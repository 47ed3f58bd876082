"""Where the program is found, and how it is stopped."""

import logging

import pytest

import rams
from rams import program


def script(path, text):
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_nearest_name_goes_first(tmp_path, monkeypatch):
    for folder in ("given", "variable", "path", "work/pipeline/cli", "work/target/debug"):
        (tmp_path / folder).mkdir(parents=True)
    folders = ("given", "variable", "path", "work/target/debug")
    given, variable, on_path, built = (script(tmp_path / of / "rams", "") for of in folders)
    monkeypatch.setenv("RAMS", str(variable))
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.chdir(tmp_path / "work/pipeline")
    assert rams.find_program(given) == given
    assert rams.find_program() == variable
    monkeypatch.delenv("RAMS")
    assert rams.find_program() == on_path
    monkeypatch.setenv("PATH", "")
    assert rams.find_program() == built
    monkeypatch.setenv("RAMS", str(tmp_path / "gone"))
    with pytest.raises(rams.RamsError, match=r"gone, which the variable RAMS names") as missing:
        rams.find_program()
    assert missing.value.exit_code is None


def test_an_interruption_stops_it_once_and_lets_it_finish(tmp_path):
    stopped = tmp_path / "stopped"
    # As `rams survey` does at Ctrl-C: it writes what it has. A second one would end it at once.
    slow = script(
        tmp_path / "slow",
        f"trap 'trap \"exit 130\" INT; sleep 0.3; echo once >{stopped}; exit 3' INT\n"
        "echo ready >&2; while :; do sleep 0.05; done",
    )

    class Interrupt(logging.Handler):
        def emit(self, record):
            raise KeyboardInterrupt

    interrupt = Interrupt()
    program.logger.addHandler(interrupt)
    program.logger.setLevel(logging.INFO)
    try:
        with pytest.raises(KeyboardInterrupt):
            program.run("survey", [], slow)
    finally:
        program.logger.removeHandler(interrupt)
    assert stopped.read_text() == "once\n"


def test_what_fails_without_a_word_is_named(tmp_path):
    with pytest.raises(rams.RamsError, match="rams survey ended with 7"):
        program.run("survey", [], script(tmp_path / "mute", "exit 7"))
