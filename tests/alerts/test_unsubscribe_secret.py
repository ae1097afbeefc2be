"""The secret of an unsubscribe link is in the mail, in the store, and nowhere on Kafka."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from aiokafka import ConsumerRecord

from services.alerts.domain import SEARCH
from services.alerts.events import PUBLISHED, UnsubscribeLinkMade
from services.site import chosen
from tests.alerts.test_doors import listed, publish, save
from tests.platform import Kit, Mail, until
from tests.shared.kafka.records import records_of


async def everything_published(platform: Kit) -> list[ConsumerRecord]:
    """All records of all services' topics."""
    await platform.settled()
    topics = {topic for service in chosen(None) for topic in service.published.topics(platform.settings.topic_prefix)}
    return [record for topic in sorted(topics) for record in await records_of(platform.settings, topic)]


def bytes_of(record: ConsumerRecord) -> bytes:
    """Whatever a subscriber receives: key, value and headers."""
    headers: Sequence[tuple[str, bytes]] = record.headers
    return b"\n".join([record.key, record.value, *(name.encode() + b"=" + value for name, value in headers)])


def links_in(mail: Mail) -> set[str]:
    """The paths of the links that unsubscribe: that of mail programs, and those of the text and the page."""
    whole = "\n".join([mail.headers["List-Unsubscribe"], mail.text, mail.html])
    return {urlsplit(link).path for link in re.findall(r"https://[^\s<>\"]+/unsubscribe/[^\s<>\"]+", whole)}


async def test_the_secret_of_the_link_is_in_no_published_record(platform: Kit) -> None:
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    search_id = await save(anna, word, name=f"Search {word}", alert=True, rhythm="at_once")
    await publish(hr, word)
    links = links_in(await platform.mail(anna.email, "alerts/mail/vacancy"))
    (secret,) = {link.rpartition("/")[2] for link in links}
    assert links == {f"/alerts/api/unsubscribe/{search_id}/{secret}", f"/alerts/unsubscribe/{search_id}/{secret}"}
    assert len(secret) >= 32
    assert (await platform.service("alerts").kernel.state(SEARCH, UUID(search_id))).token == secret
    published = [bytes_of(record) for record in await everything_published(platform)]
    assert any(search_id.encode() in record for record in published), "the search itself is published"
    assert not [record for record in published if secret.encode() in record]
    assert not [record for record in published if UnsubscribeLinkMade.__name__.encode() in record]


async def test_only_whoever_has_the_mail_can_unsubscribe(platform: Kit) -> None:
    """RFC 8058 §3.1: a POST without cookies. What subscribers know of the search opens nothing."""
    anna, hr, word = await platform.candidate(), await platform.machine("hr"), f"w{uuid4().hex[:12]}"
    search_id = await save(anna, word, alert=True, rhythm="at_once")
    await publish(hr, word)
    links = links_in(await platform.mail(anna.email, "alerts/mail/vacancy"))
    records = [each for each in await everything_published(platform) if each.key == f"search-{search_id}".encode()]
    known = {search_id, str(anna.account_id), *(value.decode() for each in records for _, value in each.headers)}
    stranger = platform.visitor()
    for guess in sorted(word for word in known if re.fullmatch(r"[\w.:-]+", word)):
        for door in ("/alerts/api/unsubscribe", "/alerts/unsubscribe"):
            refused = await stranger.client.post(f"{door}/{search_id}/{guess}", data={"List-Unsubscribe": "One-Click"})
            assert (refused.status_code, "Mine" in refused.text) == (404, False)
    assert (await listed(anna))[0]["alert"]
    (one_click,) = [link for link in links if "/api/" in link]
    done = await stranger.client.post(one_click, data={"List-Unsubscribe": "One-Click"}, follow_redirects=False)
    assert (done.status_code, done.content) == (200, b"")

    async def is_off() -> bool:
        return not (await listed(anna))[0]["alert"]

    await until(is_off, "the alert to be off")


async def test_the_contract_of_alerts_does_not_name_the_secret(platform: Kit) -> None:
    assert UnsubscribeLinkMade not in PUBLISHED.events
    contract = await platform.visitor().get("/alerts/asyncapi.json")
    assert (contract.status_code, "SearchSaved" in contract.text) == (200, True)
    for word in (UnsubscribeLinkMade.__name__, '"token"'):
        assert word not in contract.text
