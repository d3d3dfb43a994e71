import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.markdown import to_html


def test_it_writes_paragraphs_lists_and_emphasis() -> None:
    html = to_html("A *small* image.\n\n- one\n- **two**")
    assert "<p>A <em>small</em> image.</p>" in html
    assert "<li><strong>two</strong></li>" in html


def test_it_writes_code_and_tables() -> None:
    html = to_html("    cloud-init status\n\n| a | b |\n|---|--:|\n| 1 | 2 |")
    assert "<pre><code>cloud-init status" in html
    assert "<td>2</td>" in html


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        ([1, 2, 3], [3, 4, 5]),
        ([2, 3, 2], [3, 4, 3]),
        ([6, 6], [3, 3]),
        ([1, 4, 1], [3, 4, 3]),
        ([3, 1, 3], [3, 3, 4]),
        ([1, 2, 3, 4, 5, 6], [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_follow_those_of_the_page(levels: list[int], shown: list[int]) -> None:
    html = to_html("\n\n".join(f"{'#' * level} Title" for level in levels))
    assert html == "\n".join(f"<h{level}>Title</h{level}>" for level in shown) + "\n"


@pytest.mark.parametrize("address", ["https://a.test/x", "http://a.test/", "mailto:a@a.test"])
def test_links_lead_out_and_vouch_for_nothing(address: str) -> None:
    link = f'<a href="{address}" rel="nofollow ugc noopener">docs</a>'
    assert link in to_html(f"[docs]({address})")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://a.test", "/sign-out/", "x"],
)
def test_other_addresses_are_no_links(address: str) -> None:
    assert "href" not in to_html(f"[docs]({address})")
    assert "href" not in to_html(f"[docs]: {address}\n\n[docs]")


def test_raw_html_is_text() -> None:
    html = to_html('<script>alert(1)</script>\n\nHi <b onclick="x()">you</b>')
    assert "<script" not in html
    assert "<b" not in html
    assert "&lt;script&gt;" in html


def test_images_are_not_shown() -> None:
    assert "<img" not in to_html("![a](https://a.test/pixel.png)")


@settings(deadline=None)  # the first one loads the parser
@given(st.text(alphabet=st.sampled_from("<>\"'&/=[]()!*_`#|- \n:abcjavscriptonhref"), max_size=300))
def test_whatever_is_written_only_allowed_tags_come_out(text: str) -> None:
    html = to_html(text)
    allowed = "p|br|hr|h[3-6]|ul|ol|li|blockquote|pre|code|em|strong|s|a|table|thead|tbody|tr|th|td"
    assert not re.sub(rf"</?({allowed})( (href|title|start|rel)=\"[^\"]*\")*>", "", html).count("<")


def test_a_table_without_headings_has_no_empty_ones() -> None:
    html = to_html("| | b |\n|---|---|\n| 1 | 2 |")
    assert html.count("<th>") == 1
    assert "<th>b</th>" in html


def test_a_table_that_would_become_a_huge_page_stays_text() -> None:
    wide = "|".join("a" * 2500) + "\n" + "|".join("-" * 2500) + "\n" + "a|b\n" * 2400
    assert len(to_html(wide)) < 2 * len(wide)
