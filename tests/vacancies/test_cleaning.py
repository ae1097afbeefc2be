"""The HTML of a notice after cleaning: nothing that runs, loads, or looks like a part of our own page."""

from html.parser import HTMLParser
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vacancies.api.cleaning import ATTRIBUTES, TAGS, clean

PIECES: Final = (
    "<script>", "</script>", "<style>", "<svg>", "<math>", "<mtext>", "<p", "<p>", "</p>", "<h1>", "<a href='", "'>",
    "javascript:", "data:text/html,", "&#106;avascript:", " onclick=x()", " style=x", " id=results", "<!--", "-->",
    "<![CDATA[", "]]>", "<table>", "<td>", "<noscript>", "<template>", "<textarea>", "</title>", "<", ">", "=", "x",
    " ", '"',
)  # fmt: skip


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<p onclick='x()'>Hi<script>alert(1)</script></p>", "<p>Hi</p>"),
        ("<h1>Duties</h1><H2>More</H2>", "<h3>Duties</h3><h3>More</h3>"),
        ("<a href='https://un.org'>x</a>", '<a href="https://un.org" rel="noopener noreferrer nofollow">x</a>'),
        ("<a href='javascript:x()'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("<a href='java&#10;script&colon;x()'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("<a href='data:text/html,x'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("<a href='/identity/logout'>x</a>", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("<img src=x onerror=x()><p style='color:red' class='govuk-button'>x</p>", "<p>x</p>"),
        ("<form><input name=p><iframe src='//x'></iframe></form>", ""),
        ("<svg><a xlink:href='javascript:x()'><text>x</text></a></svg>", ""),
        ("<math><mtext><style><img src=x onerror=x()></style></mtext></math>", ""),
        ("<noscript><p title='</noscript><img src=x onerror=x()>'>", "&lt;p title=''&gt;"),
        ("<base href='//x'><meta http-equiv=refresh content='0;//x'><link rel=stylesheet href='//x'><p>x", "<p>x</p>"),
        ("<p id=results name=_token data-autosave>x</p><!-- <p>y</p> --><?php x ?><![CDATA[x]]>", "<p>x</p>"),
        ("<<script>script>alert(1)<</script>/script>", "&lt;/script&gt;"),
        ("<h1<script>>x</h1>", "&gt;x"),
        ("a < b & c", "a &lt; b &amp; c"),
    ],
)
def test_the_html_of_a_notice_is_cleaned(html: str, cleaned: str) -> None:
    assert clean(html) == cleaned
    assert clean(cleaned) == cleaned


class Reader(HTMLParser):
    """What tags and attributes a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment is left: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration is left: {decl}")


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join))
def test_whatever_is_sent_only_the_tags_of_a_notice_are_left(html: str) -> None:
    for tag, attributes in Reader(clean(html)).found:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()) | {"rel"}
        assert (attributes.get("href") or "https:").partition(":")[0].lower() in ("https", "http", "mailto")
