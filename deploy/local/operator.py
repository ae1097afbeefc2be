"""`make client` and `make services`: an operator's command, carried out on the platform that runs on this machine."""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import options
from deploy.local.folder import Addresses, master_key, read_addresses
from deploy.local.trouble import Trouble

FILE = "_FILE"


def main(given: Sequence[str]) -> int:
    """`given`: `services` and a command of `python -m services`, or `client` and whom to let in."""
    task, *rest = given
    command = adding(rest) if task == "client" else rest
    folder = options.parse([]).data
    try:
        settings = environment(read_addresses(folder), folder)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    words = [sys.executable, "-m", "services", *command]
    return subprocess.run(words, env=merged(os.environ, settings), check=False).returncode


def adding(words: Sequence[str]) -> list[str]:
    """The command that lets a machine in. Ends the program with a message where something is missing."""
    parser = argparse.ArgumentParser(
        prog="make client",
        usage='make client NAME=hr-geneva SCOPES="vacancies.write applications.read" ORGANISATION=OHRM',
        description="Let a machine in on the platform that runs here; prints its secret, once, and how it gets a token",
    )
    parser.add_argument("--name", required=True, help="what it is called")
    parser.add_argument("--scopes", required=True, help="what it may do, separated by spaces or commas")
    parser.add_argument("--organisation", default="", help="whose vacancies and applications; without one, its own")
    given = parser.parse_args(words)
    scopes = [word for scope in given.scopes.replace(",", " ").split() for word in ("--scope", scope)]
    return ["identity", "add-client", *scopes, f"--organisation={given.organisation}", "--", given.name]


def environment(addresses: Addresses, folder: Path) -> dict[str, str]:
    """The settings of the platform that runs on this folder, as its commands read them."""
    key = os.environ.get("POSTULO_MASTER_KEY") or master_key(folder)
    values = {**addresses.settings(), "smtp": addresses.smtp, "public_url": addresses.public_url, "master_key": key}
    return {f"POSTULO_{name.upper()}": value for name, value in values.items()}


def merged(around: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """What the platform says counts, also where a file is named for the same setting."""
    return {name: value for name, value in around.items() if name.removesuffix(FILE) not in settings} | {**settings}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
