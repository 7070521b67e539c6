"""The oracle and the SDK that stands in, as a service over HTTP, WebSocket, TCP, and standard input and output.

How a request goes:

1. A transport takes it in and bounds it: `http` with `connections` (Starlette on uvicorn), `lines` (TCP, standard input
   and output), and for a message on a line `rpc`. Each refuses what `access` does not let in.
2. `reading` makes strict JSON of it, and `operations` finds what is asked in one table, for every transport alike. The
   schemas that hold requests to what is described are made of the specification by `schemas`, and so is the OpenAPI
   document, by `describing`.
3. `registry` finds the session. In it, `sessions` has the stand-in take the step, and `following` has the oracle judge
   it. `store` keeps the step before it is acknowledged.
4. What cannot be done is a `Problem` (`problems`), with its remedy, whatever the transport.

Everything happens in one thread, one request after another, so that nothing needs a lock; `limits` bounds what each
may cost. Nothing here knows an SDK: where the specification that is served has no implementation, the oracle answers
alone.
"""

from intercom_conformance.serving.limits import Limits
from intercom_conformance.serving.problems import Problem

__all__ = ["Limits", "Problem"]
