"""Programs that the platform starts: each in a group of its own, found again after a crash, and stopped for good."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

STOPPING_SECONDS = 40.0
"""As containers get: all that a service waits for when it stops adds up to 33 at worst."""


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many, each another: a port that was let go may be the next one that is given."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def port_is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Program:
    """A running program: its output goes to a file, and Ctrl-C in the terminal does not reach it.

    A thread waits for its end, whoever ends it, so that nothing of it is left. environment: ours if none is given.
    goes_on: its output is added to what is in the file.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        environment: Mapping[str, str] | None = None,
        *,
        goes_on: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab" if goes_on else "wb") as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=environment,
                start_new_session=True,
            )
        threading.Thread(target=self.process.wait, name=f"{name} ends", daemon=True).start()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self, lines: int = 8) -> str:
        """The end of what the program said, for a message to a person."""
        return "\n".join(f"    {line}" for line in self.log.read_text(errors="replace").splitlines()[-lines:])


def wait_until(ready: Callable[[], bool], program: Program, seconds: float, pause: float = 0.02) -> bool:
    """True once `ready`; False when the program ended first or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not program.alive:
            return False
        if ready():
            return True
        time.sleep(pause)
    return False


def stop_all(is_ours: Callable[[psutil.Process], bool], gentle: signal.Signals) -> int:
    """Ask our processes to stop, wait, and kill those that are late; returns how many processes there were.

    Looking at what runs instead of remembering what was started also finds what a killed platform left behind.
    """
    ours = list(_matching(is_ours))
    for process in ours:
        _send(process, gentle)
    _, alive = psutil.wait_procs(ours, timeout=STOPPING_SECONDS)
    for process in alive:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=STOPPING_SECONDS)
    return len(ours)


def _matching(is_ours: Callable[[psutil.Process], bool]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and is_ours(process):
                yield process
        except psutil.Error:  # It ended meanwhile, or it is not ours to look at.
            continue


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
