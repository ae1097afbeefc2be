"""What concerns many candidates of one job opening is kept in parts, so that no document grows with all of them."""

from collections.abc import Sequence


def part_of(vacancy_id: object, member_id: object) -> str:
    """The key of the part in which a candidate, or an application, stands."""
    return f"{vacancy_id}/{str(member_id)[-2:]}"


def parts_of(vacancy_id: object) -> Sequence[str]:
    """The keys of all 256 parts of a job opening."""
    return [f"{vacancy_id}/{part:02x}" for part in range(256)]
