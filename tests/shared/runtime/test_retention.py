"""The lists of who was erased: what a backup is kept beside."""

from shared.runtime.retention import with_those_before

HEAD = "# erased in identity\n"
ANNA, BEN, CARL = (f"account-{n} 2026-11-2{n}T12:00:00+00:00\n" for n in (1, 2, 3))


def test_a_list_names_whom_it_named_before_also_when_the_database_does_not() -> None:
    assert with_those_before("", HEAD + ANNA + BEN) == HEAD + ANNA + BEN
    assert with_those_before(HEAD + ANNA + BEN, HEAD + BEN + CARL) == HEAD + BEN + CARL + ANNA
    assert with_those_before(HEAD + ANNA + BEN, HEAD) == HEAD + ANNA + BEN, "a new server knows of nobody"
    assert with_those_before(ANNA, HEAD) == HEAD + ANNA, "lists of versions before do not say whose they are"
