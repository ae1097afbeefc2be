"""Run a program as an ordinary user who may still reach our folders: PostgreSQL refuses to run as root.

Used as a script, `python unprivileged.py UID GID COMMAND...`, only where the platform itself runs as root (a container,
a build machine). The user keeps one capability of root, to pass through folders closed to others, so that no
permission on the machine needs changing. Where the system has no capabilities, only the user changes.
"""

import ctypes
import os
import struct
import sys

PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def become(uid: int, gid: int) -> None:
    linux = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if linux is not None:
        linux.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if linux is not None:
        _keep_passing_through_folders(linux)


def _keep_passing_through_folders(linux: ctypes.CDLL) -> None:
    """Effective, permitted and inheritable sets get the one bit; the ambient set carries it over `exec`."""
    bit = 1 << CAP_DAC_OVERRIDE
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    linux.capset(header, struct.pack("6I", bit, bit, bit, 0, 0, 0))
    linux.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])  # noqa: S606 The very purpose: become that program.
