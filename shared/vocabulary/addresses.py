"""E-mail addresses as people type them."""


def one_spelling(email: str) -> str:
    """The same for all spellings of an address: case never makes two of one."""
    return email.strip().casefold()
