"""How Sphinx makes the site; `build.py` calls it."""

project = "intercom-conformance"
author = copyright = "The intercom-conformance authors"
extensions = ["myst_parser"]
myst_heading_anchors = 3
smartquotes = False
html_theme = "furo"
html_title = "intercom-conformance"
html_static_path = ["style"]
html_css_files = ["drawings.css"]
html_copy_source = False
html_show_sphinx = False
# The examples are checked by running them; their outputs are not of any language.
suppress_warnings = ["misc.highlighting_failure"]
