"""The declaration of a service: what cannot work is refused before anything runs."""

from typing import Any
from uuid import UUID

import pytest

from shared.model.decider import Decider
from shared.model.local_index import LocalIndex
from shared.model.message import Command, Event, Published
from shared.model.projection import Projection, by_key
from shared.model.reaction import Reaction
from shared.model.setting import Setting
from shared.ops.settings import Settings
from shared.runtime.declaration import Service, SessionKeeper
from shared.runtime.kernel import Kernel


class Opened(Event):
    """Its own."""


class Closed(Event):
    """Its own, too."""


class Heard(Event):
    """Another service's."""


class Unheard(Event):
    """Another service's, which nobody here listens to."""


class Over(Event):
    """A session's end."""

    session_id: UUID


DECIDER: Decider[Command, None, Event] = Decider(
    "door", None, lambda _command, _state: (), lambda state, _event: state, (Opened, Closed)
)
OTHERS = Published("others", {"voice": (Heard,), "silence": (Unheard,)})


def view(*on: type[Event]) -> Projection[dict[str, Any]]:
    return Projection("view", on, by_key, lambda _document, _event: {})


def service(**parts: Any) -> Service:
    declared: dict[str, Any] = {
        "published": Published("doors", {"door": (Opened,)}),
        "deciders": (DECIDER,),
        "consumes": (OTHERS,),
    }
    return Service("doors", **{**declared, **parts})


def keyed(view: Projection[dict[str, Any]]) -> LocalIndex[Any]:
    return LocalIndex(view, 1, lambda _folder: None)


def test_an_index_follows_a_view_of_own_events_with_a_document_an_aggregate() -> None:
    own = view(Opened)
    assert service(projections=(own,), indexes=(keyed(own),)).indexes[0].view is own
    with pytest.raises(TypeError, match=r"doors: an index follows own events alone.*\['view'\]"):
        service(indexes=(keyed(view(Heard)),))
    with pytest.raises(TypeError, match="the view view has other documents than one an aggregate"):
        keyed(Projection("view", (Opened,), lambda _event: ["all"], lambda _document, _event: {}))


def test_a_service_publishes_only_what_its_deciders_have() -> None:
    with pytest.raises(TypeError, match=r"doors publishes what no decider has: \['Heard'\]"):
        service(published=Published("doors", {"door": (Opened, Heard)}))


@pytest.mark.parametrize("part", ["projections", "reactions"])
def test_nothing_listens_to_what_never_comes(part: str) -> None:
    listener = view(Over) if part == "projections" else Reaction("react", (Over,), lambda _event, _known: ())
    with pytest.raises(TypeError, match=r"listens to \['Over'\]"):
        service(**{part: (listener,)})


def test_a_view_listens_to_own_events_or_to_others_not_to_both() -> None:
    assert service(projections=(view(Opened, Closed),)).is_own(view(Opened))
    assert not service().is_own(view(Heard))
    with pytest.raises(TypeError, match="make two of it"):
        service(projections=(view(Opened, Heard),))


def test_only_the_topics_that_somebody_needs_are_listened_to() -> None:
    assert service().topics() == set()
    assert service(projections=(view(Opened),)).topics() == set()
    assert service(projections=(view(Heard),)).topics("test") == {"test.others.voice.v1"}


def test_the_keeper_of_sessions_says_on_which_topic_they_end() -> None:
    keeper = SessionKeeper(Published("gate", {"account": (Opened,), "session": (Over,)}), Over)
    assert (keeper.name, keeper.topic("test")) == ("gate", "test.gate.session.v1")


def test_a_service_reads_the_settings_that_it_declares_and_no_others() -> None:
    settings = {"office": Setting("office@example.org", "Where."), "floor": Setting("1", "Which.")}
    declared, pool = service(settings=settings), Any
    kernel = Kernel(declared, Settings(of_services={"floor": "7", "secret": "x"}), pool)  # type: ignore[arg-type]
    assert (kernel.setting("office"), kernel.setting("floor")) == ("office@example.org", "7")
    with pytest.raises(KeyError):
        kernel.setting("secret")
