"""Files to fill in: every template, filled in and read back, gives what was filled in; with the key, all marks."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from stepcalc.answers.class_list import ClassList, Member, read_class
from stepcalc.answers.legends import Legend
from stepcalc.answers.names import ItemNames, asked_items
from stepcalc.answers.reading import read_answers
from stepcalc.answers.template import csv_template, notebook_template, notebooks, template_items, xlsx_template
from stepcalc.board import text as as_text
from stepcalc.calculus.to_board import to_board
from stepcalc.cli import main
from stepcalc.errors import InputError
from stepcalc.marking.mark import mark
from stepcalc.marking.steps import Steps
from stepcalc.notation import Notation
from stepcalc.problem import Problem
from stepcalc.problem.items import with_marking
from stepcalc.trace import Trace
from stepcalc.typed.names import Names
from tests.answers.conftest import ROOT
from tests.printed import EXAMPLES, example, solved

NAMES = [path.stem for path in EXAMPLES]
GROUP = ClassList((Member("=anna", "001", {"email": "a@x"}), Member("ben", "002", {"email": "+b"})), True, ("email",))


def filled(trace: Trace) -> dict[str, str]:
    """The key as a student types it: the numbers, and where there is none the item's own step as a formula."""
    steps = Steps(trace)
    names = Names(Notation(trace.graph, trace.problem, optimizer=trace.optimizer))
    found = {}
    for item in template_items(trace):
        value, step = trace.value(item), steps.step(steps.canonical(ItemNames(trace.problem).scalar(item) or item))
        if value is None:
            assert step is not None
            found[item] = as_text.text(names.notation.dress(to_board(step.formula)))
        else:
            found[item] = repr(value)
    return found


def read_back(path: Path, trace: Trace, student: str) -> dict[str, str]:
    """The answers of a student by id, who gets all marks for them."""
    answers, names = read_answers(path, trace.problem), ItemNames(trace.problem)
    place = answers.students.index(student)
    marks = mark(trace, answers).student(place)
    assert {item.item: (item.verdict, item.reason) for item in marks.items if item.verdict != "correct"} == {}
    assert (marks.marks, marks.first_error) == (sum(item.worth for item in marks.items), None)
    assert marks.marks > 0
    return {str(names.scalar(item)): column[place] for item, column in answers.raw.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_csv_gives_what_was_filled_in(name: str, tmp_path: Path) -> None:
    trace = example(name)
    wanted = filled(trace)
    header, legend, *rows = csv.reader(io.StringIO(csv_template(trace, GROUP)))
    assert len(header) == len(legend) == len(wanted) + 3
    rows[0][3:] = wanted.values()
    with (tmp_path / "a.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, legend, *rows])
    assert read_back(tmp_path / "a.csv", trace, "=anna") == {
        ItemNames(trace.problem).scalar(i): t for i, t in wanted.items()
    }
    answers = read_answers(tmp_path / "a.csv", trace.problem)
    assert (answers.students, answers.variants) == (("=anna", "ben"), ("001", "002"))
    assert answers.others == {"email": ("a@x", "+b")}
    assert answers.notices == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_workbook_gives_what_was_filled_in(name: str, tmp_path: Path) -> None:
    trace = example(name)
    wanted = filled(trace)
    (tmp_path / "a.xlsx").write_bytes(xlsx_template(trace, GROUP))
    book: Any = openpyxl.load_workbook(tmp_path / "a.xlsx")
    for place, text in enumerate(wanted.values(), 4):
        book.active.cell(3, place).value = text
        assert book.active.cell(3, place).number_format == "@"
    book.save(tmp_path / "b.xlsx")
    assert read_back(tmp_path / "b.xlsx", trace, "=anna") == {
        ItemNames(trace.problem).scalar(i): t for i, t in wanted.items()
    }


def through_a_notebook(trace: Trace, folder: Path) -> None:
    """A notebook filled in with the key is read as that."""
    wanted = filled(trace)
    notebook = json.loads(notebook_template(trace, Member('Anna "A" \\', "007")))
    values = iter(wanted.values())
    for cell in notebook["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "code":
            compile(code, "cell", "exec")
            cell["source"] = re.sub(r"\bNone\b", lambda _: json.dumps(next(values)), code).splitlines(keepends=True)
    assert next(values, None) is None
    (folder / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    found = read_back(folder / "a.ipynb", trace, 'Anna "A" \\')
    assert found == {ItemNames(trace.problem).scalar(i): t for i, t in wanted.items()}
    assert read_answers(folder / "a.ipynb", trace.problem).variants == ("007",)


@pytest.mark.parametrize("name", NAMES)
def test_a_filled_notebook_gives_what_was_filled_in(name: str, tmp_path: Path) -> None:
    through_a_notebook(example(name), tmp_path)


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("adam", ["dL/dW1", "W1_new", "b1_new", "L#2", "dL/dW1#2", "W1_new#2"]),
        ("newton", ["dJ/dx", "d2J/dx/dy", "x_new", "d2J/dx/dx#2", "x_new#2"]),
    ],
)
def test_later_updates_in_a_notebook(name: str, items: list[str], tmp_path: Path) -> None:
    trace = example(name)
    through_a_notebook(replace(trace, problem=with_marking(trace.problem, {"items": items})), tmp_path)


def test_the_legend_says_of_which_update_an_item_is() -> None:
    legend = Legend(example("adam"))
    assert legend.written("W1_new[1,1]") == "w₁ⁿᵉʷ"
    assert legend.written("W1_new[1,1]#2") == "w₁ⁿᵉʷ (update 2)"
    assert legend.written("dL/dW1[1,2]#3") == "∂L/∂w₂ (update 3)"


def test_the_items_asked_are_those_of_the_problem() -> None:
    trace = solved(
        title="two asked",
        given={"x": 2.0},
        define={"y": "3*x - 2", "z": "y^2"},
        marking={"items": ["z", "dz/dx"]},
    )
    assert template_items(trace) == ("z", "dz/dx")
    assert csv_template(trace, ClassList()).splitlines()[1].endswith("z: y^2,dz/dx: derivative of z with respect to x")


def test_what_is_something_else_in_each_variant_is_not_spelled_out() -> None:
    one, other = (solved(given={"x": 2.0}, define={"f": f, "g": "f^2"}) for f in ("3*x - 2", "x^2"))
    legend = csv_template(one, ClassList(), [other]).splitlines()[1]
    assert legend.split(",")[1:3] == ["f", "g: f^2"]


def test_single_elements_are_variables_of_their_own() -> None:
    fields = {"layers": [{"type": "dense", "W": [[1.0], [2.0]]}], "loss": "mse", "data": {"x": [1.0], "y": [0.0, 0.0]}}
    trace = solved(**fields, marking={"items": ["z1[2]", "dL/dW1"]})
    assert "z1_2 = None" in notebook_template(trace)


def test_the_legend_says_where_a_weight_leads() -> None:
    legend = Legend(example("cookie"))
    assert legend.line("dL/dW1[2,3]") == "∂L/∂w₂₃⁽¹⁾: from x₃ (Butter) to unit 2 of layer 1"
    assert legend.line("W2_new[1,3]") == "w₃⁽²⁾ⁿᵉʷ: from a₃ to unit 1 of layer 2, after the update"
    assert legend.line("z1[2]") == "z₂⁽¹⁾: weighted sum of unit 2 of layer 1"
    assert (
        Legend(example("rnn")).line("dL/dW_h1[1,1]") == "∂L/∂wₕ: from unit 1 one time step before to unit 1 of layer 1"
    )


@pytest.mark.parametrize("product", ["Wx", "xW"])
def test_the_legend_knows_both_product_conventions(product: str) -> None:
    weights = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] if product == "Wx" else [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    layers = [{"type": "dense", "W": weights}]
    trace = solved(
        layers=layers, loss="mse", data={"x": [1.0, 2.0, 3.0], "y": [0.0, 0.0]}, notation={"product": product}
    )
    item = "dL/dW1[1,3]" if product == "Wx" else "dL/dW1[3,1]"
    assert Legend(trace).what(item) == "from x₃ to unit 1"


def test_large_networks_ask_for_a_choice() -> None:
    layers = [{"type": "dense", "units": 30, "init": {"type": "uniform", "low": -1.0, "high": 1.0, "seed": 1}}]
    trace = solved(layers=layers, loss="mse", data={"x": [0.5] * 20, "y": [0.0] * 30})
    with pytest.raises(InputError, match=r"marking.items: 691 items to fill in, at most 500 are possible; list those"):
        template_items(trace)


def test_the_gradients_go_from_the_last_layer_to_the_first(cookie: Problem) -> None:
    items = asked_items(cookie)
    assert items.index("dL/dW2[1,1]") < items.index("dL/dW1[1,1]")
    assert len(items) == len(set(items)) == 47


# ------------------------------------------------------------------------------------------------ the class


def test_a_class_with_hostile_names(tmp_path: Path) -> None:
    names = ["=cmd", "../../x", "con", "anna", "Anna", "<script>", "", "anna", "x" * 300]
    text = io.StringIO()
    csv.writer(text).writerows([["Student", "Variant", "Group"], *([name, "1", "A"] for name in names)])
    (tmp_path / "class.csv").write_text(text.getvalue())
    group = read_class(tmp_path / "class.csv")
    assert [member.student for member in group.members][:6] == ["=cmd", "../../x", "con", "anna", "Anna", "<script>"]
    assert group.notices == ("row 8: no name; left out", "row 9: anna stands in the list already; left out")
    written = notebooks([(member, example("chain_rule")) for member in group.members])
    assert list(written)[:6] == [
        "cmd.ipynb",
        "x.ipynb",
        "student con.ipynb",
        "anna.ipynb",
        "Anna 2.ipynb",
        "script.ipynb",
    ]
    assert all("/" not in name and len(name) < 120 for name in written)
    rows = list(csv.reader(io.StringIO(csv_template(example("chain_rule"), group))))
    assert rows[2][0] == "'=cmd"


def test_a_class_as_a_platform_lists_it(tmp_path: Path) -> None:
    (tmp_path / "class.csv").write_text("First name,Last name,Email address\nAnna,M,a@x\nAnna,M,b@x\n")
    group = read_class(tmp_path / "class.csv")
    assert [member.student for member in group.members] == ["Anna M (a@x)", "Anna M (b@x)"]
    (tmp_path / "class.csv").write_text("x,y\n1,2\n")
    with pytest.raises(InputError, match='no column "student", and none with names'):
        read_class(tmp_path / "class.csv")


# ---------------------------------------------------------------------------------------------- the command

COOKIE = str(ROOT / "worked_examples" / "cookie.toml")
CHAIN = str(ROOT / "worked_examples" / "chain_rule.toml")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.csv").write_text("student\nanna\nben\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], set()),
        (["-o", "-"], set()),
        (["-f", "ipynb", "-o", "-"], set()),
        (["-f", "xlsx"], {"chain_rule.xlsx"}),
        (["-f", "ipynb"], {"chain_rule.ipynb"}),
        (["-o", "a.xlsx"], {"a.xlsx"}),
        (["-o", "out/"], {"out/chain_rule.csv"}),
        (
            ["-f", "ipynb", "--students", "class.csv"],
            {"chain_rule_notebooks/anna.ipynb", "chain_rule_notebooks/ben.ipynb"},
        ),
        (["-f", "ipynb", "--students", "class.csv", "-o", "n"], {"n/anna.ipynb", "n/ben.ipynb"}),
    ],
)
def test_where_templates_go(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], files: set[str]
) -> None:
    assert main(["template", CHAIN, *arguments]) == 0
    written = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()} - {"class.csv"}
    assert written == files
    assert bool(capsys.readouterr().out) == (not files)


def test_a_csv_file_begins_as_excel_needs_it(here: Path) -> None:
    assert main(["template", CHAIN, "-o", "a.csv", "--students", "class.csv"]) == 0
    data = (here / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfstudent,y,z,dz/dx\r\n# what each column asks,y: 3*x - 2,")
    assert data.endswith(b"anna,,,\r\nben,,,\r\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-f", "pdf"], '-f: unknown format "pdf"'),
        (["-f", "csv,xlsx"], "-f: one format at a time: csv, xlsx"),
        (["-f", "xlsx", "-o", "-"], "-o -: standard output takes one text format"),
        (["--students", "gone.csv"], "gone.csv: cannot be read: no such file or directory"),
        (["--students", ""], "--students: the name is empty"),
        (["-f", "ipynb", "--students", "class.csv", "-o", "-"], "-o -: expected a folder"),
    ],
)
def test_what_cannot_be_made(here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert main(["template", CHAIN, *arguments]) == 2
    assert told in capsys.readouterr().err
    assert {path.name for path in here.iterdir()} == {"class.csv"}


def test_a_reference_table_asks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", str(ROOT / "worked_examples" / "losses.toml")]) == 2
    assert "a reference table asks nothing" in capsys.readouterr().err
