"""What leaves a service: which of its events, and what of each, the same on every way out."""

from collections.abc import Collection

from shared.kafka.cloudevents import Headers, headers_of
from shared.model.message import Published, personal_fields
from shared.store.codec import Raw, without


class Outgoing:
    """kinds: type and category of what leaves."""

    def __init__(self, published: Published) -> None:
        self.kinds = frozenset(
            (event.__name__, category) for category, events in published.aggregates.items() for event in events
        )
        self._service = published.service
        self._datarefs = {event.__name__: event.dataref for event in published.events}
        self._hidden = {event.__name__: personal_fields(event) for event in published.redacted}

    def kinds_of(self, types: Collection[str]) -> frozenset[tuple[str, str]]:
        """Those of these types; all if none is named."""
        return frozenset(kind for kind in self.kinds if not types or kind[0] in types)

    def headers(self, raw: Raw, lineage: str, public_url: str) -> Headers:
        """The event's envelope. lineage: the name of the store that it comes from."""
        return headers_of(raw, self._service, lineage, public_url, self._datarefs.get(raw.type, ""))

    def value(self, raw: Raw) -> bytes:
        """The event's data as JSON, without what stays here."""
        if hidden := self._hidden.get(raw.type):
            return without(raw.data, hidden)
        return raw.data.encode() if isinstance(raw.data, str) else raw.data
