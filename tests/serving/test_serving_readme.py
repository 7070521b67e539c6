"""The README's commands for the service do what they show."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from servers import Server

README = Path(__file__).parents[2] / "README.md"


def test_the_commands_of_the_readme_work(server: Server) -> None:
    """A session is begun, the network goes, a login waits, and the clock brings its error."""
    (block,) = re.findall(r"```sh\n(pip install '.\[serve\]'.*?)```", README.read_text("utf-8"), re.DOTALL)
    started, *commands = block.splitlines()
    assert started.partition("&&")[2].split("#")[0].strip() == "intercom-conformance serve"
    host, port = server.address
    script = "\n".join(["set -e", *(f"{one}; echo" for one in commands)]).replace("localhost:8642", f"{host}:{port}")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    _, event, call, clock = done.stdout.splitlines()
    assert json.loads(event)["judged"]["allowed"]
    assert json.loads(call)["settled"] == []
    assert [one["callback"] for one in json.loads(clock)["settled"]] == ["error"]
