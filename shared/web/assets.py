"""Style sheet, scripts, pictures and lists: put together from the npm packages and our own, once a process."""

import gzip
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.vocabulary.fields import PromptList
from shared.web.language import LANGUAGES
from shared.web.listings import LISTS, listing, listing_name
from shared.web.logical import logical

HERE: Final = Path(__file__).parent
OURS, PACKAGES = HERE / "static", HERE / "node_modules"
FONTS: Final = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif'
SCRIPTS: Final = ("words.js", "lookup.js", "passkeys.js", "passwords.js", "unsent.js", "autosave.js", "postulo.js")
"""Each may use what stands before it."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
}


class Asset(NamedTuple):
    """A file as it is served, ready in both forms."""

    name: str
    kind: str
    body: bytes
    gzipped: bytes


class PackagesMissing(RuntimeError):
    """The npm packages have not been installed."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is missing: run `npm ci --ignore-scripts` in shared/web (`make run` does)")


@cache
def assets() -> Mapping[str, Asset]:
    """Our assets by their plain name ("postulo.css")."""
    sources = {
        "postulo.css": logical(
            _styles(_package("govuk-frontend/dist/govuk/govuk-frontend.min.css"))
            + _ours("postulo.css")
            + _ours("lookup.css")
        )
        + _ours("rtl.css"),
        "postulo.js": "".join(map(_ours, SCRIPTS)),
        "htmx.js": _package("htmx.org/dist/htmx.min.js"),
        "icon.svg": _ours("icon.svg"),
    }
    return {name: _asset(name, text.encode()) for name, text in sources.items()}


def address(name: str) -> str:
    """Where the asset of this plain name is served. Raises KeyError for an unknown one."""
    return f"/assets/{assets()[name].name}"


def listing_address(prompts: PromptList, language: str) -> str:
    """Where the script finds the names of this list's values; "" for a list that it has to do without."""
    return f"/assets/{_listing(prompts.name, language).name}" if listing_name(prompts, language) else ""


@cache
def _listing(name: str, language: str) -> Asset:
    return _asset(listing_name(LISTS[name], language), listing(LISTS[name], language).encode())


def prepare() -> None:
    """Makes all lists, once a process: of the 7,000 languages it takes half a second, which no reader should wait."""
    for name in LISTS:
        for language in LANGUAGES:
            _listing(name, language)


@cache
def _by_hash() -> Mapping[str, Asset]:
    return {asset.name: asset for asset in assets().values()}


def _listed(hashed: str) -> Asset | None:
    """Whichever process put it into a page, each can serve it."""
    if not hashed.startswith("list-"):
        return None
    made = (_listing(name, language) for name in LISTS for language in LANGUAGES if f"-{name}-{language}-" in hashed)
    return next((asset for asset in made if asset.name == hashed), None)


async def serve(request: Request) -> Response:
    """An asset by its hashed name, compressed if the reader accepts it; it never changes under that name."""
    asset = _by_hash().get(request.path_params["name"]) or _listed(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"} | ({"content-encoding": "gzip"} if zipped else {})
    return Response(asset.gzipped if zipped else asset.body, headers=headers, media_type=asset.kind)


def _asset(name: str, body: bytes) -> Asset:
    stem, _, kind = name.rpartition(".")
    digest = sha256(body).hexdigest()[:16]
    return Asset(f"{stem}-{digest}.{kind}", TYPES[kind], body, gzip.compress(body, 9, mtime=0))


def _ours(name: str) -> str:
    return (OURS / name).read_text("utf-8")


def _package(path: str) -> str:
    try:
        return (PACKAGES / path).read_text("utf-8")
    except FileNotFoundError:
        raise PackagesMissing(PACKAGES / path) from None


def _styles(css: str) -> str:
    """The components' style without the British government's typeface and crest."""
    css = re.sub(r"@font-face\s*{[^}]*}", "", css)
    css = re.sub(r"GDS Transport,\s*arial,\s*sans-serif", FONTS, css)
    css = re.sub(r"[^{}]*{[^{}]*govuk-crest[^{}]*}", "", css)
    return re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", css) + "\n"
