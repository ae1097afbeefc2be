"""The subscriber under test, as the kit sees it: a handler that takes events, and a door that says what it holds."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import httpx

from shared.conformance.story import Delivery

SECONDS: Final = 10.0


class Unusable(Exception):
    """The subscriber cannot be tested; says what it has to do first."""


class Held(NamedTuple):
    """What it holds of a stream: the ids of the events that it applied, in that order, and all that it answered."""

    applied: tuple[str, ...]
    text: str


class Subscriber:
    """It takes an event at POST `url`, and says at GET `url`?subject=… what it holds of a stream."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self._url = client, url

    def take(self, delivery: Delivery) -> int:
        """The status with which it answers; 2xx says that the event need not come again. Raises Unusable."""
        return self._ask("POST", content=delivery.body, headers=delivery.headers).status_code

    def held(self, subject: str) -> Held:
        """Raises Unusable when the answer is not of the agreed shape."""
        answer = self._ask("GET", {"subject": subject})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return Held((), "")
        try:
            applied = answer.json()["applied"] if answer.is_success else None
        except (ValueError, KeyError, TypeError):
            applied = None
        if not isinstance(applied, list) or not all(isinstance(each, str) for each in applied):
            raise Unusable(
                f"GET {answer.request.url} answers {answer.status_code}; it has to answer 200 with a JSON object whose"
                ' "applied" is the list of the ids applied, in order, or 404 when it holds nothing of this subject'
            )
        return Held(tuple(applied), answer.text)

    def _ask(self, method: str, query: Mapping[str, str] | None = None, **options: Any) -> httpx.Response:
        """The query is added to that which the address has."""
        try:
            return self._client.request(method, httpx.URL(self._url).copy_merge_params(query or {}), **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unusable(
                f"nobody answers at {self._url} ({type(error).__name__}): start your handler first"
            ) from None
