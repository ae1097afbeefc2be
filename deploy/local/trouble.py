"""What goes wrong on a user's machine, said with a way out. Stdlib only: the bootstrap says it too."""


class Trouble(Exception):
    """Something on this machine stops us; the message says what, and `way_out` says what to do about it."""

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(f"{what}\n{way_out}")
        self.what = what
        self.way_out = way_out
