"""The conformance kit finds nothing wrong with a subscriber that is right, and each mistake of those that are not."""

import json
import subprocess
import sys

import httpx
import jsonschema_rs
import pytest

from deploy.local.processes import free_port
from services.conformance import PLAYED, story
from services.site import chosen
from shared.conformance.report import report
from shared.conformance.scenarios import SCENARIOS, USUAL_ORDER
from shared.conformance.stage import in_order
from shared.conformance.story import SITE
from shared.conformance.subscriber import Subscriber
from shared.model.message import PART, Published, personal_fields, subject_of
from shared.model.schemas import schema_of
from shared.store.codec import Codec
from shared.store.personal import subject_in
from tests.containers import ROOT
from tests.shared.conformance import subscribers
from tests.shared.conformance.subscribers import Right, served
from tests.shared.keys import raw_of_event

NAMES = [scenario.name for scenario in (USUAL_ORDER, *SCENARIOS)]
PUBLISHED: dict[str, Published] = {service.name: service.published for service in chosen(None)}


def told(subscriber: Right, *topics: str) -> tuple[bool, list[str]]:
    said: list[str] = []
    with served(subscriber) as url, httpx.Client() as client:
        return report(Subscriber(client, url), story(topics), said.append), said


def wrong(said: list[str]) -> set[str]:
    """The scenarios that went wrong."""
    return {name for name in NAMES for line in said if line.startswith(f"{name}: WRONG")}


@pytest.mark.parametrize("subscriber", [Right, subscribers.SaysMore])
def test_a_subscriber_that_is_right_is_told_so(subscriber: type[Right]) -> None:
    right, said = told(subscriber())
    assert said[1:] == [*(f"{name}: right" for name in NAMES), "All 8 scenarios went well."]
    assert right
    assert said[0].startswith("In the usual order it applied ApplicationMovedUnderConsideration, ")


@pytest.mark.parametrize(
    ("kind", "names", "sentence"),
    [
        (subscribers.Broken, {"usual order"}, "It applied none of the events."),
        (
            subscribers.AppliesAgain, {"duplicates", "replay"},
            "  It applied VacancyPublished (sequence 1 of vacancy-",
        ),
        (subscribers.RemembersTheLastIds, {"replay"}, "  It applied VacancyPublished (sequence 1 of vacancy-"),
        (
            subscribers.WantsTheFieldsItKnows, {"unknown fields"},
            "  It answered 422 to VacancyPublished (sequence 1 of vacancy-",
        ),
        (
            subscribers.WantsTheTypesItKnows, {"unknown types"},
            "  It answered 400 to ConformanceProbed (sequence 2 of vacancy-",
        ),
        (subscribers.WaitsForTheNextNumber, {"gaps"}, "  It did not apply VacancyAmended (sequence 3 of vacancy-"),
        (subscribers.ForgetsNobody, {"erased people"}, "  It still holds what is personal of account-"),
        (subscribers.KeepsWhatWasEncrypted, {"erased people"}, "  It still holds what is personal of account-"),
        (
            subscribers.WantsTheVacancyFirst, {"reordered streams"},
            "  It did not apply ApplicationSubmitted (sequence 3 of application-",
        ),
        (
            subscribers.NewestFirst, set(NAMES) - {"erased people"},
            "  It applied the events of vacancy-",
        ),
    ],
)  # fmt: skip
def test_what_a_subscriber_does_wrong_is_said(kind: type[Right], names: set[str], sentence: str) -> None:
    right, said = told(kind())
    assert not right
    assert wrong(said) == names, said
    assert any(line.strip().startswith(sentence.strip()) for line in said), said
    assert said[-1].startswith(f"{len(names)} of ")


def test_a_subscriber_of_one_topic_is_asked_about_that_one() -> None:
    subscriber = Right()
    assert told(subscriber, "postulo.vacancies.vacancy.v1")[0]
    assert subscriber.applied
    assert all(subject.startswith("vacancy-") for subject in subscriber.applied)


def test_a_door_of_another_shape_is_explained() -> None:
    right, said = told(subscribers.AnswersWithAList())
    assert not right
    assert 'whose "applied" is the list of the ids applied, in order, or 404' in said[0]


def test_what_is_played_is_what_services_publish() -> None:
    """Each delivery decodes as its type at its present version, with nothing left over and nobody's data in clear."""
    parts = set[str]()
    for delivery in in_order(story()(closed=True)):
        _, service, category, _ = delivery.topic.split(".")
        published, data = PUBLISHED[service], json.loads(delivery.body)
        model = next(event for event in published.aggregates[category] if event.__name__ == delivery.type)
        schema = schema_of(model, redacted=model in published.redacted)
        assert data.keys() <= schema["properties"].keys()
        jsonschema_rs.validate(schema, data)
        raw = raw_of_event(model.model_construct(), delivery.body, delivery.subject, service)
        read = Codec(published.events).decode_fields(raw, data, erased=True).data
        plain = {name: value for name, value in data.items() if name != PART}
        assert json.loads(read.model_dump_json(exclude=set(personal_fields(model)))) == plain
        if PART in data:
            parts.add(delivery.type)
            assert subject_in(data[PART]) == subject_of(read, delivery.subject)
        dataref = f"{SITE}{model.dataref.format(id=delivery.subject.partition('-')[2])}" if model.dataref else None
        assert delivery.headers.get("ce-dataref") == dataref
        assert delivery.headers["ce-source"] == f"/postulo/{service}"
        assert (delivery.headers["ce-id"], delivery.headers["ce-subject"]) == (delivery.id, delivery.subject)
        assert int(delivery.headers["ce-sequence"]) == delivery.sequence
        assert delivery.headers["content-type"] == "application/json"
    assert parts == {
        "CandidateRegistered", "EmailVerified", "ApplicationSubmitted", "ApplicationMovedUnderConsideration",
    }  # fmt: skip
    assert {delivery.topic for delivery in in_order(story()(closed=True))} == PLAYED


def typed(*words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "services", "conformance", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout


def test_the_command_ends_with_0_if_all_went_well_and_with_1_if_not() -> None:
    with served(Right()) as url:
        assert typed("--url", url)[0] == 0
    with served(subscribers.ForgetsNobody()) as url:
        status, said = typed("--url", url, "--topic", "postulo.identity.account.v1")
    assert status == 1
    assert "erased people: WRONG. Delete what you hold of a person when you are told" in said


def test_a_handler_that_is_not_there_and_a_topic_that_is_not_are_told() -> None:
    status, said = typed("--url", f"http://127.0.0.1:{free_port()}/")
    assert status == 1
    assert "nobody answers at" in said
    assert typed("--url", "http://127.0.0.1:1/", "--topic", "postulo.mail")[0] == 2
