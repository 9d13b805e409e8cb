"""Feedback pages in a real browser: whatever a student displayed or wrote, nothing of it runs and nothing is loaded.

Each page is opened twice: as it was written, and without its content-security policy, so that the policy and the
sanitiser are each seen to hold alone.
"""

import re

import pytest

from autograder.course.settings import Course
from autograder.feedback.page import render
from autograder.grading.grader import Grader
from tests.support.harms.course import ASSIGNMENT, hand_in, make_harm_course
from tests.support.harms.pages import CLAIM, MARK, PAGES, RUN

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sandbox]
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """name of the harm → its feedback page."""
    folder = make_harm_course(tmp_path_factory.mktemp("pages") / "course")
    pages = {}
    with Grader(Course.here(folder), ASSIGNMENT) as grader:
        for harm in PAGES:
            hand_in(folder, harm.name, harm)
            (graded,) = grader.grade(harm.name).notebooks
            pages[harm.name] = render(graded.notebook, {"notebook": ASSIGNMENT, "assignment": ASSIGNMENT})
    return pages


@pytest.fixture(scope="module")
def look(chromium, tmp_path_factory):
    """A function of a page's text: (whether a script ran, the addresses it asked for). Every link is pressed."""
    context = chromium.new_context()
    folder = tmp_path_factory.mktemp("looked-at")

    def open_(text):
        file, asked = folder / "page.html", []
        file.write_text(text, encoding="utf-8")

        def take(route):
            if route.request.url == file.as_uri():
                route.continue_()
            else:
                asked.append(route.request.url)
                route.abort()

        page = context.new_page()
        page.on("dialog", lambda dialog: (asked.append("a dialog"), dialog.dismiss()))
        page.route("**/*", take)
        page.goto(file.as_uri())
        page.evaluate("() => new Promise(resolve => setTimeout(resolve, 60))")
        for link in page.query_selector_all(".foreign a, .text a"):
            if re.match("(javascript|data|vbscript):", link.get_attribute("href") or "", re.IGNORECASE):
                asked.append(link.get_attribute("href"))
        ran = page.evaluate(f"document.documentElement.hasAttribute('{MARK}')")
        page.close()
        return ran, [url for url in asked if not url.startswith("data:image/")]

    yield open_
    context.close()


CLAIMS = """claim => {
    const frames = [...document.querySelectorAll('figure.foreign')].filter(each => !each.parentElement.closest('figure'))
    const boxes = frames.map(each => each.getBoundingClientRect())
    const wide = document.documentElement.clientWidth
    const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    let outside = 0
    while (text.nextNode())
        if (text.currentNode.data.includes(claim) && !text.currentNode.parentElement.closest('figure.foreign, pre')) outside += 1
    return {
        outside, labelled: frames.every(each => /^(written|shown) by the student/.test(each.firstElementChild.innerText)),
        fits: document.documentElement.scrollWidth <= wide && boxes.every(box => box.left >= 0 && box.right <= wide),
        high: document.documentElement.scrollHeight,
        seen: frames.filter(each => each.innerText.includes(claim)).length,
    }
}"""


@pytest.mark.parametrize("harm", [harm for harm in PAGES if "like-" in harm.name], ids=lambda harm: harm.name)
def test_what_looks_like_the_page_stays_in_its_frame_and_is_drawn_soon(written, new_page, tmp_path, harm):
    file = tmp_path / "page.html"
    file.write_text(written[harm.name], encoding="utf-8")
    for width in (1440, 390):
        page = new_page(width, 900)
        page.set_default_timeout(5_000)  # a table without bounds takes longer than a minute, or the browser's life
        page.goto(file.as_uri())
        found = page.evaluate(CLAIMS, CLAIM)
        assert found["outside"] == 0 and found["labelled"] and found["fits"] and found["seen"]
        assert found["high"] < 100_000
        page.close()


def test_the_browser_would_tell_and_the_policy_alone_stops_it(written, look):
    page = next(iter(written.values()))
    assert POLICY.search(page)
    infected = page.replace("</body>", f'<script>{RUN}</script><img src=x onerror="{RUN}"></body>')
    assert infected != page and look(infected) == (False, [])
    ran, asked = look(POLICY.sub("", infected))
    assert ran and asked


@pytest.mark.parametrize("harm", PAGES, ids=lambda harm: harm.name)
def test_nothing_runs_and_nothing_is_loaded(written, look, harm):
    page = written[harm.name]
    assert look(page) == (False, [])
    assert look(POLICY.sub("", page)) == (False, [])
