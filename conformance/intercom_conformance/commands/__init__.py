"""The verbs of the command line, one module each.

A module imports nothing heavy before its verb is used, so that ``--version`` and ``--help`` are quick.
What a verb cannot do, it raises as a value of one of the packages' error classes;
`intercom_conformance.cli` turns each into a message and an exit code.
"""
