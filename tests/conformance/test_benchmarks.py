"""Benchmarks run, and compare what they say they compare."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_every_engine_is_measured_on_valid_and_invalid_payloads() -> None:
    """Each engine has a ratio for each kind of payload; the run itself compares the verdicts of all before."""
    command = [sys.executable, str(BENCHMARKS / "engines.py"), "20"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\S+) +(valid|invalid) +(.+?) +([\d.]+) +[\d.]+ µs$", done.stdout, re.MULTILINE)
    engines = {engine for _, _, engine, _ in rows}
    assert engines >= {"jsonschema", "jsonschema-rs", "fastjsonschema", "ajv (Node.js)", "this package, is_valid"}
    assert {(kind, state) for kind, state, _, _ in rows} == {
        (kind, state) for kind in ("user-attributes", "event") for state in ("valid", "invalid")
    }
    assert len(rows) == 4 * len(engines)
    assert all(float(ratio) > 0 for *_, ratio in rows)
