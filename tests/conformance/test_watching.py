"""Watching a driver at work: its wire, and a debugger on its process."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAM = (sys.executable, "-m", "intercom_conformance.cli")
SENT, RECEIVED = "kit -> driver ", "kit <- driver "


def subject(name: str) -> str:
    return f"cmd:{sys.executable} {HERE / 'cli_subjects.py'} {name}"


def ran(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program, as it ends where nobody can type."""
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, text=True, cwd=cwd, stdin=subprocess.DEVNULL, check=False
    )


def test_smoke_shows_each_message(tmp_path: Path) -> None:
    """Requests and responses in their order, on the standard error output only; without the option there are none."""
    told = ran("smoke", subject("Registered"), "-v", cwd=tmp_path)
    lines = told.stderr.splitlines()
    assert lines[0].startswith(f'{SENT}{{"jsonrpc":"2.0","id":1,"method":"initialize"')
    assert lines[1].startswith(RECEIVED)
    assert SENT not in told.stdout
    assert ran("smoke", subject("Registered"), cwd=tmp_path).stderr == ""


def test_a_run_shows_the_wire_of_the_first_fault(tmp_path: Path) -> None:
    """Below the fault, as far as its steps go; nothing of the other traces."""
    told = ran("run", subject("Forgetful"), "-k", "scenario/sample-logout", "-v", "-x", cwd=tmp_path).stdout
    wire = told.partition("  the wire\n")[2].split("\n\n")[0].splitlines()
    methods = [found[1] for line in wire if (found := re.search(r'-> driver .*"method":"(\w+)"', line))]
    assert (methods[0], methods.count("reset")) == ("reset", 1)
    assert any('"method":"logout"' in line for line in wire)
    quiet = ran("run", subject("Forgetful"), "-k", "scenario/sample-logout", "-x", cwd=tmp_path).stdout
    assert "the wire" not in quiet


def test_an_object_has_no_wire(tmp_path: Path) -> None:
    """It is said, and nothing else changes."""
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [*PROGRAM, "run", "py:cli_subjects:Forgetful", "-k", "scenario/sample-logout", "-v"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert told.returncode == 1
    assert "  there is none: the binding is an object\n" in told.stdout


def test_secrets_are_masked_on_the_wire(tmp_path: Path) -> None:
    """A hash that the driver repeats is shown to nobody who did not ask for it."""
    (tmp_path / "trace.yaml").write_text('[{"setUserHash": ["c0ffee-planted-hash"]}]', encoding="utf-8")
    masked = ran("replay", "trace.yaml", subject("Talkative"), "-v", cwd=tmp_path)
    assert '"method":"setUserHash"' in masked.stderr
    assert "planted-hash" not in masked.stderr + masked.stdout
    shown = ran("replay", "trace.yaml", subject("Talkative"), "-v", "--show-secrets", cwd=tmp_path)
    assert "c0ffee-planted-hash" in shown.stderr


@pytest.mark.parametrize("verb", ["run", "smoke"])
def test_a_debugger_needs_somebody_who_says_when(tmp_path: Path, verb: str) -> None:
    """Without a terminal the program would wait for ever."""
    told = ran(verb, subject("Registered"), "--debug-driver", cwd=tmp_path)
    assert told.returncode == 4
    assert "Run it in a terminal." in told.stderr


@pytest.mark.parametrize("arguments", [["run", "-k", "scenario/logout-of-nobody"], ["smoke"]], ids=lambda one: one[0])
def test_the_program_waits_for_a_debugger(tmp_path: Path, arguments: list[str]) -> None:
    """It tells the process of the driver, asks for nothing until Enter, and then no time limit holds."""
    keyboard, terminal = pty.openpty()
    pid = tmp_path / "pid"
    driver = f"{subject('Registered')} {pid}"
    command = [*PROGRAM, arguments[0], driver, *arguments[1:], "--debug-driver", "--timeout", "0.001"]
    process = subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(terminal)
    assert process.stderr is not None
    asked = b""
    while b"press Enter" not in asked:
        part = os.read(process.stderr.fileno(), 4096)
        assert part, asked
        asked += part
    assert f"as process {pid.read_text()}" in asked.decode()
    time.sleep(0.5)
    assert process.poll() is None
    os.write(keyboard, b"\n")
    out, _ = process.communicate(timeout=60)
    os.close(keyboard)
    assert process.returncode == 0, out
    assert b"TIMED OUT" not in out
