"""`make journey`."""

import argparse
import asyncio
import sys
from pathlib import Path

from rich.console import Console

from deploy.local.folder import read_addresses
from deploy.local.trouble import Trouble
from shared.ops.settings import load
from tests.system.journey import Broken, play


def main() -> int:
    parser = argparse.ArgumentParser(prog="make journey", description="Play a candidate's whole journey.")
    parser.add_argument("--data", type=Path, default=Path(".postulo"), help="the data folder of the running platform")
    console = Console(highlight=False)
    try:
        addresses = read_addresses(parser.parse_args().data)
        settings = load(**addresses.settings(), public_url=addresses.url)
        asyncio.run(play(addresses, settings, console.print))
    except (Broken, Trouble) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    console.print("[green]The journey ended well.[/green]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
