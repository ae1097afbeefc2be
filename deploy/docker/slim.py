"""Takes out of Postulo's image what it never reads, while it is built. Stdlib only.

`slim.py packages FOLDER`: of a virtual environment. `slim.py system /`: of the image's Debian and Python.
What is named here has to be there: a package that is laid out anew ends the build instead of growing the image.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("ar", "en", "es", "fr", "ru", "zh")
"""Whose locale data stay: the official languages of the United Nations, in which the pages are."""

UNUSED: Final = (
    # Where a number is from, and which company's it is; numbers are only checked.
    "phonenumbers/carrier.py",
    "phonenumbers/carrierdata",
    "phonenumbers/geocoder.py",
    "phonenumbers/geodata",
    "phonenumbers/timezone.py",
    "phonenumbers/tzdata",
    # Other brokers than Kafka.
    "faststream/confluent",
    "faststream/mqtt",
    "faststream/nats",
    "faststream/rabbit",
    "faststream/redis",
    "asyncpg/_testbase",
    # Of the standards' lists, those of countries and languages are read.
    "pycountry/databases/iso15924.json",
    "pycountry/databases/iso3166-[23].json",
    "pycountry/databases/iso4217.json",
    "pycountry/databases/iso639-5.json",
    "pycountry/locales/*/LC_MESSAGES/iso15924.mo",
    "pycountry/locales/*/LC_MESSAGES/iso3166-[23].mo",
    "pycountry/locales/*/LC_MESSAGES/iso4217.mo",
    "pycountry/locales/*/LC_MESSAGES/iso639-5.mo",
    # Pictures are checked to be PNG or JPEG, and nothing is drawn.
    "PIL/_avif*.so",
    "PIL/_imagingcms*.so",
    "PIL/_imagingft*.so",
    "PIL/_webp*.so",
    "pillow.libs/libavif*",
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "pillow.libs/liblcms2*",
    "pillow.libs/libwebp*",
)
LEXERS: Final = ("__init__.py", "_mapping.py", "python.py", "special.py")
"""Of the languages that pygments colours, those of a traceback."""
PYTHON_ONLY: Final = ("*.c", "*.h", "*.proto", "*.pxd", "*.pyi", "*.pyx")
"""What compilers and type checkers read."""
LEAST_TO_STRIP: Final = 300_000
BUNDLED: Final = ".libs"
"""How a wheel's folder of libraries from elsewhere ends; these were patched, and do not bear being stripped."""

SYSTEM: Final = (
    # What would install or build something.
    "usr/local/bin/pip*",
    "usr/local/lib/python3.*/ensurepip",
    "usr/local/lib/python3.*/site-packages/pip*",
    "usr/bin/apt*",
    "usr/bin/dpkg*",
    "usr/lib/apt",
    "usr/lib/*-linux-gnu/libapt-p*",
    "usr/bin/perl*",
    "usr/bin/sqv",
    "usr/bin/openssl",
    "usr/lib/*-linux-gnu/libgmp.so*",
    "usr/lib/*-linux-gnu/libhogweed.so*",
    "usr/lib/*-linux-gnu/libnettle.so*",
    "usr/lib/*-linux-gnu/perl-base",
    "var/cache/*",
    # Windows and pages for whoever sits before a screen.
    "usr/local/lib/python3.*/idlelib",
    "usr/local/lib/python3.*/lib-dynload/*_test*.so",
    "usr/local/lib/python3.*/pydoc_data",
    "usr/local/lib/python3.*/tkinter",
    "usr/local/lib/python3.*/turtledemo",
    # Alphabets of before Unicode; and time zones, of which the pinned package tzdata has the newer ones.
    "usr/lib/*-linux-gnu/gconv",
    "usr/share/zoneinfo",
)
"""As patterns. The list of installed packages, var/lib/dpkg/status, stays for those who look for known holes."""


def main(what: str, folder: Path) -> None:
    before = _size(folder) if what == "packages" else 0
    if what == "packages":
        (packages,) = folder.glob("lib/python3.*/site-packages")
        _remove(unused(packages))
        for library in stripped(packages):
            subprocess.run(["strip", "--strip-unneeded", library], check=True)  # noqa: S603, S607 Binutils of its stage.
        print(f"{folder}: {before / 1e6:.0f} MB, now {_size(folder) / 1e6:.0f} MB")
    else:
        _remove(named(folder, SYSTEM))


def unused(packages: Path) -> Iterator[Path]:
    """Each path that has no use."""
    yield from named(packages, UNUSED)
    yield from _others(packages / "babel" / "locale-data", ("root", *LANGUAGES))
    yield from _others(packages / "pycountry" / "locales", LANGUAGES)
    yield from (path for path in (packages / "pygments" / "lexers").iterdir() if path.name not in LEXERS)
    for pattern in PYTHON_ONLY:
        yield from packages.rglob(pattern)
    yield from (path for path in packages.glob("*/tests") if path.is_dir())


def named(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """What the patterns stand for. Raises FileNotFoundError where one stands for nothing."""
    for pattern in patterns:
        found = list(folder.glob(pattern))
        if not found:
            raise FileNotFoundError(folder / pattern)
        yield from found


def stripped(packages: Path) -> list[Path]:
    """The large libraries that can do without their symbols."""
    libraries = [path for path in packages.rglob("*.so") if path.stat().st_size >= LEAST_TO_STRIP]
    return [path for path in libraries if not any(part.endswith(BUNDLED) for part in path.parts)]


def _others(folder: Path, languages: tuple[str, ...]) -> Iterator[Path]:
    """The files or folders of other languages: fr.dat, fr_CA.dat and fr are of French."""
    yield from (path for path in folder.iterdir() if path.name.split(".")[0].split("_")[0] not in languages)


def _remove(paths: Iterable[Path]) -> None:
    """Each, with all that is in it; one may be in another."""
    for path in list(paths):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
