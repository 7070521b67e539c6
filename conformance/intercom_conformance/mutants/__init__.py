"""Mutation analysis: each single change to a specification makes a wrong SDK, and the suite has to kill it.

1. `operators` make every mutant of a specification: frozen values with stable ids, each an edit of the documents.
2. `subjects` makes a system under test of one: the reference, built from the changed documents.
3. `ammunition` writes down what the default suite plays, and `hunting` plays it, what is near the change first.
4. `proving` tells which mutants the specification allows, so that no suite could kill them. It never guesses: `places`
   are where a mutant may be, `effects` compares what it does there by the `shadows` of a world that lists of effects
   leave, and `knowing` tells these what the facts of a call say of its values.

The specification that judges is always the unchanged one.
"""

from intercom_conformance.mutants.mutant import Mutant, UnknownMutant
from intercom_conformance.mutants.operators import OPERATORS, mutant_named, mutants_of
from intercom_conformance.mutants.proving import Prover
from intercom_conformance.mutants.subjects import driver_of, factory_of

__all__ = [
    "OPERATORS",
    "Mutant",
    "Prover",
    "UnknownMutant",
    "driver_of",
    "factory_of",
    "mutant_named",
    "mutants_of",
]
