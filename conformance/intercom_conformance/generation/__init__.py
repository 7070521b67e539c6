"""Makes payloads from a JSON Schema: valid ones, nearly valid ones, and ones that try to hurt.

Whoever tests an API needs all three: what is allowed must arrive, what is nearly allowed must be refused
for the right reason, and nothing at all may crash the host. Nothing here knows what a payload means.
"""

from __future__ import annotations

from intercom_conformance.generation.boundaries import boundary_payloads
from intercom_conformance.generation.covering import covering
from intercom_conformance.generation.hostile import hostile_values
from intercom_conformance.generation.near_miss import NearMiss, near_misses
from intercom_conformance.generation.strategies import from_schema

__all__ = ["NearMiss", "boundary_payloads", "covering", "from_schema", "hostile_values", "near_misses"]
