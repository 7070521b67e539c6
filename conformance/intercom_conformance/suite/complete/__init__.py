"""Complete suites: sequences after which a binding is right, or has more states than the specification and some.

For each part of the specification (`projections`) the machine is made that the specification is for the binding at
hand (`choices`), and a suite from it by the Wp- or the HSI-method (`methods`). The suite is played as traces,
judged by the oracle as everywhere. What is seen on the way makes the machine more exact: choices that the binding makes
in its own way, and steps that are faults, which are left out so that each masks only itself. Then the suite of that
machine is played, until there is nothing new in it.
"""

from intercom_conformance.suite.complete.automaton import Machine, minimised
from intercom_conformance.suite.complete.checks import complete_checks
from intercom_conformance.suite.complete.methods import METHODS, BoundTooLow, hsi_suite, wp_suite

__all__ = ["METHODS", "BoundTooLow", "Machine", "complete_checks", "hsi_suite", "minimised", "wp_suite"]
