"""Tiny wrong bindings, and what the kit says of each."""
