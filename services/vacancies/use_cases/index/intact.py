"""Whether tantivy's files are as it wrote them. It keeps a checksum at the end of each, and looks at none by itself."""

import json
import struct
import zlib
from pathlib import Path
from typing import IO, Final

from shared.model.local_index import Damaged

META: Final = "meta.json"
_ENDING: Final = struct.Struct("<II")
"""How long the footer before it is, which is JSON, and a number that is always the same."""
_PIECE: Final = 1 << 20


def verify(folder: Path) -> None:
    """Reads all files of what was committed; raises Damaged."""
    try:
        segments = json.loads((folder / META).read_text())["segments"]
        names = {each["segment_id"].replace("-", "") for each in segments}
        files = [path for path in folder.iterdir() if path.name.partition(".")[0] in names]
        broken = [path.name for path in files if not _is_whole(path)]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Damaged(f"{folder / META}: {error}") from error
    if broken:
        raise Damaged(f"{folder}: {', '.join(sorted(broken))} is not as it was written")


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        end = path.stat().st_size - _ENDING.size
        file.seek(end)
        length, _ = _ENDING.unpack(file.read())
        file.seek(end - length)
        footer = json.loads(file.read(length))
        file.seek(0)
        return bool(footer["crc"] == _checksum(file, end - length))


def _checksum(file: IO[bytes], size: int) -> int:
    """CRC-32 of so many bytes."""
    checksum = 0
    while size > 0 and (piece := file.read(min(size, _PIECE))):
        checksum = zlib.crc32(piece, checksum)
        size -= len(piece)
    return checksum
