"""Builds the documentation site: ``python docs/build.py [FOLDER]``; without warnings, or not at all.

The pages that people write lie in ``pages/``; those of the reference are made from the specification, the schemas and
the commands (`reference.py`), so that they cannot tell something else.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from reference import pages
from sphinx.cmd.build import build_main

from intercom_conformance.specification import load_specification

HERE = Path(__file__).resolve().parent


def main(out: str = "site") -> int:
    """Builds the site into a folder; the exit code of Sphinx."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pages"
        shutil.copytree(HERE / "pages", source)
        for path, text in pages(load_specification()).items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_text(text, encoding="utf-8")
        options = ["--fail-on-warning", "--keep-going", "--quiet", "-b", "html", "-d", f"{folder}/doctrees"]
        return build_main([*options, "-c", str(HERE), str(source), out])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
