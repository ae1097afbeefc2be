"""Style sheets that run either way: what is said of left and right is said of where a line begins and ends."""

import pytest

from shared.web.assets import assets
from shared.web.logical import logical


@pytest.mark.parametrize(("physical", "said"), [
    ("a{margin-left:4px}", "a{margin-inline-start:4px}"),
    ("a { padding-right: 22px; }", "a { padding-inline-end: 22px; }"),
    ("a{border-left:5px solid red;border-left-color:inherit}",
     "a{border-inline-start:5px solid red;border-inline-start-color:inherit}"),
    ("a{position:absolute;left:0;right:-2px}", "a{position:absolute;inset-inline-start:0;inset-inline-end:-2px}"),
    ("a{text-align:left!important}", "a{text-align:start!important}"),
    ("a{text-align:right}", "a{text-align:end}"),
    ("a{float:left;clear:both}", "a{float:inline-start;clear:both}"),
    ("a{border-top-left-radius:3px}", "a{border-start-start-radius:3px}"),
    ("a{margin:0 1px 2px 3px}", "a{margin-block:0 2px;margin-inline:3px 1px}"),
    ("a{padding:0 1px 2px 1px}", "a{padding:0 1px 2px 1px}"),
    ("a{margin:0 1px 2px 3px!important}", "a{margin-block:0 2px !important;margin-inline:3px 1px !important}"),
    ("a{border-width:7px 0 7px 12px}", "a{border-block-width:7px 7px;border-inline-width:12px 0}"),
    ("a{margin:0 calc(1px + (2 * 3px)) 0 0}", "a{margin-block:0 0;margin-inline:0 calc(1px + (2 * 3px))}"),
    ("a:not(.left){color:red;background:url(left.png) left top}",
     "a:not(.left){color:red;background:url(left.png) left top}"),
])  # fmt: skip
def test_sides_are_where_a_line_begins_and_ends(physical: str, said: str) -> None:
    assert logical(physical) == said
    assert logical(said) == said


def test_our_style_sheet_names_no_side_but_where_it_says_for_which_way() -> None:
    css = assets()["postulo.css"].body.decode()
    plain = [rule for rule in css.split("}") if "rtl" not in rule]
    assert not [rule for rule in plain if any(f"{name}-left:" in rule for name in ("margin", "padding", "border"))]
