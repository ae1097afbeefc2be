"""The entry point of `make run` and the other commands: only Python's own library, readable by any Python 3.

It finds a Python that is new enough, installs what is missing, and hands over to the virtual environment's.
"""

import os
import sys

OLDEST = (3, 11)
NEWER = ["python3.%d" % minor for minor in range(14, 10, -1)]  # noqa: UP031 Older Pythons read this file too.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
sys.path[0] = ROOT  # Where it began with this folder, whose modules are named as some of Python's own.


def main():  # type: () -> int
    if sys.version_info < OLDEST:
        return _with_a_newer_python()
    from deploy.local import tasks  # noqa: PLC0415 Its syntax is of a newer Python.

    return tasks.main(sys.argv[1:])


def _with_a_newer_python():  # type: () -> int
    import shutil  # noqa: PLC0415 Only now does it find Python's own modules.

    for name in NEWER:
        found = getattr(shutil, "which", lambda _: None)(name)
        if found:
            os.execv(found, [found] + sys.argv)  # noqa: S606, RUF005 The same command, by another Python.
    sys.stderr.write(
        "Postulo needs Python 3.11 or newer; this is Python %s (%s).\n"  # noqa: UP031
        "Install a newer one (Debian, Ubuntu: apt install python3.11; macOS: brew install python; or from python.org)\n"
        "and name it: make run PYTHON=/path/to/python3.11\n" % (sys.version.split()[0], sys.executable)
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
