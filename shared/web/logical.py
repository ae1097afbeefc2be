"""Style sheets that run either way: left and right become where a line begins and ends (CSS Logical Properties)."""

import re
from typing import Final

_CORNERS: Final = {
    "top-left": "start-start",
    "top-right": "start-end",
    "bottom-left": "end-start",
    "bottom-right": "end-end",
}
_SIDES: Final = {"left": "start", "right": "end"}
_BOXES: Final = ("margin", "padding", "border-width", "border-color", "border-style")
_DECLARED: Final = re.compile(r"(?<=[{;])(\s*)([a-z-]+)(\s*:\s*)([^;{}]*)(?=[;}])")
_NAMED: Final = re.compile(r"(margin|padding|border)-(left|right)((?:-(?:width|color|style))?)")
_CORNER: Final = re.compile(r"border-((?:top|bottom)-(?:left|right))-radius")
_SIDE: Final = re.compile(r"(left|right)(\W.*|$)")
_FOUR: Final = 4


def logical(css: str) -> str:
    """The same style sheet, which is mirrored where `dir` is "rtl". Pictures and turned boxes are not."""
    return _DECLARED.sub(_turned, css)


def _turned(found: re.Match[str]) -> str:
    before, name, colon, value = found.groups()
    if named := _NAMED.fullmatch(name):
        return f"{before}{named[1]}-inline-{_SIDES[named[2]]}{named[3]}{colon}{value}"
    if corner := _CORNER.fullmatch(name):
        return f"{before}border-{_CORNERS[corner[1]]}-radius{colon}{value}"
    if name in _SIDES:
        return f"{before}inset-inline-{_SIDES[name]}{colon}{value}"
    if name == "text-align":
        return f"{before}{name}{colon}{_at_side(value, '')}"
    if name in ("float", "clear"):
        return f"{before}{name}{colon}{_at_side(value, 'inline-')}"
    return before + _box(name, colon, value) if name in _BOXES else found[0]


def _at_side(value: str, prefix: str) -> str:
    found = _SIDE.match(value)
    return f"{prefix}{_SIDES[found[1]]}{found[2]}" if found else value


def _box(name: str, colon: str, value: str) -> str:
    """Four values of which the second and the fourth differ are said side by side."""
    plain, bang, important = value.partition("!")
    sides = _values(plain)
    if len(sides) != _FOUR or sides[1] == sides[3]:
        return f"{name}{colon}{value}"
    top, right, bottom, left = sides
    stem, _, what = name.partition("-")
    inline, block = (f"{stem}-{axis}" + (f"-{what}" if what else "") for axis in ("inline", "block"))
    last = f" {bang}{important}" if bang else ""
    return f"{block}{colon}{top} {bottom}{last};{inline}{colon}{left} {right}{last}"


def _values(text: str) -> list[str]:
    """Parted by blanks, except those within brackets."""
    return re.findall(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+", text)
