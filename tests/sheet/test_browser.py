"""The page in a real Chromium: nothing empty or out of its place, accessible, step by step, numbers with their origin.

One Chromium is started for all tests of a process (``conftest.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stepcalc.options import PLAIN, Options
from stepcalc.sheet import render
from stepcalc.sheet.blocks import Sheet
from stepcalc.sheet.html import html
from tests.browser import CHROMIUM, Page
from tests.made import BLANK_AT, NAMES, written
from tests.printed import example, solved
from tests.test_golden import GOLDEN

pytestmark = CHROMIUM

WIDTHS = (360, 640, 800, 1280)
"""A phone, 1280 pixels at 200 % zoom, a tablet, a laptop."""
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
VIOLATIONS = """axe.run(%s, {resultTypes: ["violations"], preload: false}).then((found) => found.violations.map(
    (rule) => `${rule.id}: ${rule.nodes[0].html.slice(0, 150)} ${rule.nodes[0].failureSummary}`))"""
SEEN_BY_AXE = ("activations", "cnn", "house_prices", "learning_rates", "parabola", "rnn", "two_two_one_symbolic")
"""Worked examples on whose pages is all that is on any. axe takes long."""
OUTSIDE_MATHEMATICS = {"exclude": [["math > *"]]}
"""axe has no rules of its own for MathML, and looks at every digit's contrast for seconds."""


@pytest.fixture
def cookie(folder: Path) -> Path:
    return kept(folder, "cookie")


def kept(folder: Path, name: str, options: Options = PLAIN) -> Path:
    """The page of a worked example as a file."""
    path = folder / f"{name}.{options.layout}.{options.blank}.{options.chains}.html"
    if not path.exists():
        path.write_text(written(name, "html", options), encoding="utf-8")
    return path


def misplaced(page: Page, widths: Iterable[int] = WIDTHS) -> dict[int, list[str]]:
    """What is empty or out of its place at each width at which anything is."""
    found = {}
    for width in widths:
        page.resize(width)
        page.ask(PAINTED)
        found[width] = page.ask(MEASURE)
    return {width: complaints for width, complaints in found.items() if complaints}


def violations(page: Page, context: object) -> list[str]:
    """What axe finds."""
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    page.ask(f"{axe}; 0")
    found: list[str] = page.ask(VIOLATIONS % json.dumps(context))
    return found


def stepping(page: Page) -> dict[str, Any]:
    """Where the page stands: the current heading, what is said, and how many steps are on the screen."""
    found: dict[str, Any] = page.ask("""({
        heading: document.querySelector("[aria-current=step]")?.textContent ?? null,
        said: document.querySelector(".position").textContent,
        shown: [...document.querySelectorAll("h3")].filter((heading) => heading.getClientRects().length).length,
        all: document.querySelectorAll("h3").length,
        top: document.querySelector("[aria-current=step]")?.getBoundingClientRect().top ?? null,
    })""")
    return found


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Where the first such element is on the screen, after scrolling there."""
    x, y = page.ask(f"""(() => {{
        const element = document.querySelector({json.dumps(selector)});
        element.scrollIntoView({{block: "center"}});
        const box = element.getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2];
    }})()""")
    return x, y


# ------------------------------------------------------------------------------------------------ every example


@pytest.mark.parametrize("name", NAMES)
def test_boxes(page: Page, folder: Path, name: str) -> None:
    page.open(kept(folder, name))
    assert misplaced(page) == {}
    assert page.complaints == []


def kinds(name: str) -> set[tuple[str, str]]:
    """The elements outside of formulas on the page of a worked example, each with its classes."""
    page = (GOLDEN / name / "sheet.html").read_text(encoding="utf-8")
    body = re.sub(r"(?s)<math\b.*?</math>", "<math>", page.partition("<body")[2])
    return set(re.findall(r'<(\w+)(?:[^>]*?\bclass="([^"]*)")?', body))


def test_every_kind_of_element_is_on_a_page_that_axe_sees() -> None:
    assert set.union(*map(kinds, NAMES)) == set.union(*map(kinds, SEEN_BY_AXE))


@pytest.mark.parametrize("name", SEEN_BY_AXE)
def test_accessible(page: Page, folder: Path, name: str) -> None:
    page.open(kept(folder, name))
    assert violations(page, OUTSIDE_MATHEMATICS) == []
    assert page.complaints == []


@pytest.mark.parametrize(("name", "blank"), [*BLANK_AT["html"].items()][::2])
def test_boxes_with_room_to_write(page: Page, folder: Path, name: str, blank: str) -> None:
    page.open(kept(folder, name, Options(blank=blank)))
    assert misplaced(page) == {}
    assert page.complaints == []


def test_a_wide_formula_does_not_run_into_its_reason(page: Page, folder: Path) -> None:
    problem = {"given": {"u": 0.4, "v": 0.8}, "define": {"w": "sin(u*v)/(1+v^2)"}, "differentiate": {"wrt": ["v"]}}
    path = folder / "quotient.html"
    path.write_text(str(render(solved(**problem), "html")), encoding="utf-8")
    page.open(path)
    run_into = """[...document.querySelectorAll('.right:has(+ .reason)')].filter((right) => {
        const ends = [...right.children].map((part) => part.getBoundingClientRect().right);
        return Math.max(...ends) > right.nextElementSibling.getBoundingClientRect().left;
    })"""
    assert page.ask("document.querySelectorAll('.right:has(+ .reason)').length") > 3
    for width in WIDTHS[1:]:
        page.resize(width)
        page.ask(PAINTED)
        assert page.ask(f"{run_into}.length") == 0, width


@pytest.mark.parametrize("name", ["cookie", "chain_rule_two_links", "two_two_one"])
def test_boxes_with_all_chains(page: Page, folder: Path, name: str) -> None:
    page.open(kept(folder, name, Options(chains="all")))
    assert misplaced(page) == {}
    assert page.complaints == []


# ------------------------------------------------------------------------------------------------ one is enough


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_to_the_last_digit(page: Page, folder: Path, scheme: str) -> None:
    page.emulate(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
    page.resize(360)
    page.open(kept(folder, "chain_rule"))
    page.press("ArrowRight", "n")
    page.ask("document.querySelector('[data-item=y]').focus()")
    assert page.ask("document.querySelectorAll('.lit').length") > 2
    assert violations(page, {"include": [["html"]]}) == []


def test_measuring_finds_what_is_wrong(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        """<!DOCTYPE html><main><p style="overflow-x: auto; width: 9em">a<math><mi>x</mi></math></p>
        <p style="white-space: nowrap; width: 9em"><math><mspace width="2000px"></mspace><mi>y</mi></math></p>
        <p><math><mn style="display: none">5</mn></math></p>
        <div class="row"><p>A<math><mi>a</mi></math></p><p style="margin-top: -2.5em">B<math><mi>b</mi></math></p></div>
        </main>""",
        encoding="utf-8",
    )
    page.open(bad)
    kinds = {complaint.split(":")[0] for complaint in page.ask(MEASURE)}
    assert kinds >= {"the page scrolls sideways", "outside its container", "empty", "over its neighbour"}


def test_steps(page: Page, cookie: Path) -> None:
    page.open(cookie)
    whole = stepping(page)
    assert (whole["heading"], whole["shown"]) == (None, whole["all"])
    page.press("n", "End")
    assert stepping(page)["heading"] is None, "letters and Home and End are the browser's until the steps begin"
    page.press("Home", "ArrowRight")
    assert stepping(page)["shown"] == 0
    page.press("n", "ArrowRight")
    first = stepping(page)
    assert first["shown"] == 1
    assert first["heading"].split() == ["1", "Layer", "1:", "weighted", "sum"]
    assert "Layer 1: weighted sum" in first["said"]
    assert 0 <= first["top"] < 200
    page.press("n")
    assert stepping(page)["shown"] == 2
    page.press("p")
    assert stepping(page) | {"top": 0} == first | {"top": 0}
    page.press("End")
    assert stepping(page)["shown"] == whole["all"]
    page.press("ArrowRight")
    assert stepping(page)["shown"] == whole["all"]
    page.press("Home", "ArrowLeft")
    assert stepping(page)["shown"] == 0
    page.press("Escape")
    assert stepping(page) == whole
    assert page.complaints == []


def test_a_section_with_a_sentence_begins_with_its_first_step(page: Page, cookie: Path) -> None:
    """What stands below "Backward" and its one sentence is not kept for another screen."""
    page.open(cookie)
    page.press("ArrowRight", "Home")
    seen = [stepping(page)["heading"]]
    while len(seen) < 2 or seen[-1] != seen[-2]:
        page.press("n")
        seen.append(stepping(page)["heading"])
    numbered = [heading for heading in seen if heading and heading.split()[0].isdigit()]
    assert numbered[5].split()[:2] == ["6", "How"]
    assert "Backward" not in seen


def test_steps_by_hand(page: Page, cookie: Path) -> None:
    page.resize(360, 640)
    page.open(cookie)
    for name, shown in (("whole", 0), ("next", 0), ("next", 1), ("next", 2), ("previous", 1)):
        x, y = middle(page, f"button[name={name}]")
        page.point_at(x, y, press=True)
        assert stepping(page)["shown"] == shown
    sizes = page.ask("[...document.querySelectorAll('button')].map((b) => [b.offsetWidth, b.offsetHeight])")
    assert all(min(size) >= 44 for size in sizes)


def test_printing_shows_everything(page: Page, cookie: Path) -> None:
    page.open(cookie)
    page.press("ArrowRight")
    page.emulate("print")
    found = stepping(page)
    assert found["shown"] == found["all"]
    assert page.ask("document.querySelector('nav').getClientRects().length") == 0


def test_a_number_says_where_it_comes_from_and_where_it_goes(page: Page, cookie: Path) -> None:
    page.open(cookie)
    page.point_at(*middle(page, '#step-1 ~ .lines mn[data-item="z1[2]"]'))
    about = "document.querySelector('.about').innerText"
    assert "calculated in step 1 Layer 1: weighted sum" in page.ask(about)
    assert page.ask("[...document.querySelectorAll('.about a')].map((link) => link.hash)")[:2] == ["#step-1", "#step-2"]
    lit = set(page.ask("[...document.querySelectorAll('.lit')].map((element) => element.dataset.item)"))
    assert lit == {"z1[2]"}
    page.point_at(*middle(page, 'mtd mn[data-item="W1[1,1]"]'))
    assert "given in “The problem”" in page.ask(about)
    page.point_at(*middle(page, 'svg [data-item="a1[2]"] circle'))
    assert "calculated in step 2" in page.ask(about)
    assert page.ask("document.querySelectorAll('math .lit').length") > 5
    page.point_at(*middle(page, "h1"))
    assert page.ask("document.querySelectorAll('.lit').length") == 0


def test_numbers_by_keyboard(page: Page, cookie: Path) -> None:
    page.open(cookie)
    page.ask(
        "document.querySelector('#step-2').nextElementSibling.nextElementSibling.querySelector('[tabindex=\"0\"]').focus()"
    )
    now = "document.activeElement.dataset.item"
    assert page.ask(now) == "a1"
    page.press("ArrowDown")
    assert page.ask(now) == "z1"
    page.press("Enter")
    assert page.ask("document.activeElement.id") == "step-1"
    assert 0 <= page.ask("document.activeElement.getBoundingClientRect().top") < 100
    assert page.ask("document.querySelectorAll('.lit').length") > 1
    page.press("Escape")
    assert page.ask("document.querySelectorAll('.lit').length") == 0
    stops = page.ask("document.querySelectorAll('math [tabindex=\"0\"]').length")
    assert stops <= page.ask("document.querySelectorAll('h2, h3').length")


def test_in_a_notebook(page: Page, folder: Path) -> None:
    path = folder / "notebook.html"
    path.write_text(f"<!DOCTYPE html><main>{example('cookie')._repr_html_()}</main>", encoding="utf-8")
    page.open(path)
    inside = "document.querySelector('iframe').contentDocument"
    page.ask(f"{inside}.querySelector('[data-item=\"a1[1]\"]').dispatchEvent(new Event('click', {{bubbles: true}}))")
    assert "calculated in step 2" in page.ask(f"{inside}.querySelector('.about').innerText")
    page.ask(f"{inside}.querySelector('.about a').click()")
    assert page.ask(f"{inside}.activeElement.id") == "step-2"
    assert page.complaints == []


def test_a_table_has_nothing_to_step_through(page: Page, folder: Path) -> None:
    page.resize(360, 640)
    page.open(kept(folder, "losses"))
    assert page.ask("document.querySelector('nav, button')") is None
    assert page.ask("document.querySelector('.wide').getAttribute('tabindex')") == "0"
    page.press("ArrowRight")
    assert page.ask("document.querySelectorAll('.later').length") == 0
    assert page.complaints == []


def test_without_script(page: Page, cookie: Path) -> None:
    with page.without_script():
        page.open(cookie)
        found = stepping(page)
        assert found["shown"] == found["all"]
        assert page.ask("document.querySelector('nav').getClientRects().length") == 0
        assert page.ask(MEASURE) == []


def test_hostile_words(page: Page, folder: Path, hostile_sheet: Sheet) -> None:
    path = folder / "hostile.html"
    path.write_text(html(hostile_sheet), encoding="utf-8")
    page.open(path)
    page.press("ArrowRight", "n")
    assert page.ask("document.scripts.length") == 1
    assert page.complaints == []


def test_the_policy_keeps_other_scripts_out(page: Page, folder: Path, cookie_sheet: Sheet) -> None:
    path = folder / "broken_in.html"
    attack = "<script>document.title = 'broken'</script><img src=x onerror='document.title = \"broken\"'>"
    path.write_text(html(cookie_sheet).replace("</h1>", f"</h1>{attack}"), encoding="utf-8")
    page.open(path)
    assert page.ask("document.title") == "Will the cookie taste good?"
    assert page.complaints


# ------------------------------------------------------------------------------------------------ what CSS draws


def colours(picture: Image.Image) -> dict[tuple[int, ...], int]:
    return {colour: count for count, colour in picture.getcolors(picture.width * picture.height) or ()}


def picture_of(page: Page, selector: str) -> Image.Image:
    clip = page.ask(f"""(() => {{
        const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
        return {{x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height}};
    }})()""")
    return page.picture(clip)


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_strikes_and_boxes_are_drawn(page: Page, cookie: Path, medium: str) -> None:
    page.emulate(medium)
    page.open(cookie)
    struck = picture_of(page, "mrow.strike.g0")
    ink = sum(count for (red, green, blue), count in colours(struck).items() if red > green + 60 and red > blue + 60)
    assert ink > struck.width, "a line from corner to corner has at least one pixel in every column"
    boxed = picture_of(page, "mrow.box")
    edges = [boxed.crop((3, 0, boxed.width - 3, 2)), boxed.crop((0, 3, 2, boxed.height - 3))]
    assert all(edge.convert("L").getextrema()[0] < 120 for edge in edges)
