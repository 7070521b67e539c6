"""The pytest plugin (a shell until its parts are there)."""
