"""The packages for the web, in a real browser."""
