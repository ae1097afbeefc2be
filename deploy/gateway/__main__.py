"""`python -m deploy.gateway` writes envoy.yaml anew, from its template and the sentences of the catalogues."""

from deploy.gateway.configuration import COMMITTED, committed

COMMITTED.write_text(committed())
