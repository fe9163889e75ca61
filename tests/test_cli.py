"""What the commands promise: exit codes, streams, names of files, and nothing written when something is wrong.

What is calculated and how it looks is tested elsewhere; here stand-ins take the place of both.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import pytest

import stepcalc
import stepcalc.sheet
from stepcalc.cli import main
from stepcalc.errors import BackendError, Fault, InputError, NumberError
from stepcalc.options import Options


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory with one problem file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cookie.toml").write_text("")
    return tmp_path


@pytest.fixture
def stand_ins(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Calculation and rendering that only say what they were asked."""

    def render_each(trace: object, formats: Iterable[str], options: Options) -> dict[str, str | bytes]:
        told = {name: f"{trace} {name} {options.view}" for name in formats}
        return {name: text.encode() if name == "pdf" else text for name, text in told.items()}

    monkeypatch.setattr(stepcalc, "load", lambda path: Path(path).name, raising=False)
    monkeypatch.setattr(stepcalc, "solve", lambda problem, backend, progress: f"{problem} {backend}", raising=False)
    monkeypatch.setattr(stepcalc.sheet, "render_each", render_each)
    return here


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"cookie.toml"}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that a refused command says; it must exit with 2 and put nothing on standard output."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.startswith("error: ") for line in err.splitlines())
    return [line.removeprefix("error: ") for line in err.splitlines()]


# ------------------------------------------------------------------------------ where results go


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], {"cookie.pdf"}),
        (["-f", "pdf"], {"cookie.pdf"}),
        (["-f", "PDF, pdf"], {"cookie.pdf"}),
        (["-f", "html,json"], {"cookie.html", "cookie.json"}),
        (["-o", "sheet.html"], {"sheet.html"}),
        (["-o", "sheet.html", "-f", "pdf"], {"sheet.html"}),
        (["-o", "sheet.bak", "-f", "pdf"], {"sheet.bak"}),
        (["-o", "out"], {"out/cookie.pdf"}),
        (["-o", "out/"], {"out/cookie.pdf"}),
        (["-o", "new/out.d/", "-f", "tex"], {"new/out.d/cookie.tex"}),
        (["-o", "new/a.tex", "-f", "tex"], {"new/a.tex"}),
        (["-o", "out", "-f", "pdf,txt"], {"out/cookie.pdf", "out/cookie.txt"}),
        (["-o", "out.pdf", "-f", "pdf,txt"], {"out.pdf/cookie.pdf", "out.pdf/cookie.txt"}),
        (["-o", ".", "-f", "json"], {"cookie.json"}),
    ],
)
def test_where_files_go(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], files: set[str]
) -> None:
    assert main(["solve", "cookie.toml", *arguments]) == 0
    assert written(stand_ins) == files
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [["-f", "txt"], ["-f", "txt", "-o", "-"]])
def test_a_text_format_goes_to_standard_output(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["solve", "cookie.toml", *arguments]) == 0
    assert capsys.readouterr().out == "cookie.toml numpy txt None\n"
    assert written(stand_ins) == set()


def test_pdf_and_one_text_format_part_ways(stand_ins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "cookie.toml", "-f", "pdf,json"]) == 0
    assert capsys.readouterr().out == "cookie.toml numpy json None\n"
    assert written(stand_ins) == {"cookie.pdf"}


def test_an_existing_file_without_an_ending_is_a_file(stand_ins: Path) -> None:
    (stand_ins / "out").write_text("before")
    assert main(["solve", "cookie.toml", "-o", "out"]) == 0
    assert (stand_ins / "out").read_bytes() == b"cookie.toml numpy pdf None"


def test_the_name_is_the_problem_files(stand_ins: Path) -> None:
    (stand_ins / "sub").mkdir()
    (stand_ins / "sub" / "week.3.toml").write_text("")
    assert main(["solve", "sub/week.3.toml", "-o", "out"]) == 0
    assert written(stand_ins / "out") == {"week.3.pdf"}


def test_options_reach_calculation_and_sheet(stand_ins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--view", "matrix", "--backend", "cupy", "--layout", "sheet", "--blank", "none"]
    assert main(["solve", "cookie.toml", "-f", "txt", *options]) == 0
    assert capsys.readouterr().out == "cookie.toml cupy txt matrix\n"


# ---------------------------------------------------------------------------- unusable arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["solv", "cookie.toml"], "invalid choice: 'solv'"),
        (["solve"], "PROBLEM"),
        (["solve", "cookie.toml", "--viw", "both"], "--viw"),
        (["solve", "cookie.toml", "--view", "boht"], "'boht'"),
        (["solve", "cookie.toml", "--vie", "both"], "--vie"),
        (["solve", "cookie.toml", "-f", "pfd"], '-f: unknown format "pfd"; did you mean "pdf"?'),
        (["solve", "cookie.toml", "-f", "xyzzy"], "there are pdf, html, tex, json, txt"),
        (["solve", "cookie.toml", "-o", "x.docx"], '-o x.docx: unknown format "docx"; there are pdf, html'),
        (["solve", "cookie.toml", "-o", "x.htm"], 'unknown format "htm"; did you mean "html"?'),
        (["solve", "cookie.toml", "-f", "pdf,"], 'unknown format ""'),
        (["solve", "cookie.toml", "-o", "-"], "standard output takes one text format"),
        (["solve", "cookie.toml", "-o", "-", "-f", "txt,json"], "standard output takes one text format"),
        (["solve", "cookie.toml", "-o", ""], "-o: the name is empty"),
        (["solve", ""], "PROBLEM: the name is empty"),
        (["solve", "cookie.toml", "--template", ""], "--template: the name is empty"),
        (["solve", "cookie.toml", "-f", "txt", "-o", "cookie.toml"], "cookie.toml: is the problem file itself"),
        (["solve", "cookie.toml", "-f", "txt", "-o", "\x1b[2J/"], "\\x1b[2J"),
        (["examples", "cokie"], 'cokie: no such worked example; did you mean "cookie"?'),
        (["examples", "../../etc/passwd"], "no such worked example"),
    ],
)
def test_unusable_arguments_are_one_line(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    if "\x1b" in "".join(arguments):
        (stand_ins / "\x1b[2J").write_text("a file in the way of the folder")
    before = written(stand_ins)
    lines = refused(capsys, *arguments)
    assert len(lines) == 1
    assert message in lines[0]
    assert written(stand_ins) == before


def test_every_unknown_format_has_its_line(stand_ins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(refused(capsys, "solve", "cookie.toml", "-f", "pfd,html,jsno")) == 2


# -------------------------------------------------------------------------------- unusable input


def raises(error: BaseException) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("place", "error", "lines"),
    [
        (
            "load",
            InputError([Fault("layers[2].W", "shape (1, 4), expected (1, 3)"), Fault("loss", "unknown")]),
            ["cookie.toml: layers[2].W: shape (1, 4), expected (1, 3)", "cookie.toml: loss: unknown"],
        ),
        ("load", InputError(Fault("", "bad"), "named already"), ["named already: bad"]),
        ("load", InputError(Fault("title", "\x1b]0;mine\x07")), ["cookie.toml: title: \\x1b]0;mine\\x07"]),
        ("solve", NumberError(Fault("z1[1]", "overflow")), ["cookie.toml: z1[1]: overflow"]),
        ("solve", BackendError("no CuPy here"), ["no CuPy here"]),
        ("solve", MemoryError(), ["the problem does not fit into memory"]),
        ("sheet.render_each", InputError(Fault("--view", "too large")), ["cookie.toml: --view: too large"]),
    ],
)
def test_unusable_input_is_told_and_nothing_is_written(
    stand_ins: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: Exception,
    lines: list[str],
) -> None:
    monkeypatch.setattr(f"stepcalc.{place}", raises(error), raising=False)
    assert refused(capsys, "solve", "cookie.toml", "-f", "json,pdf", "-o", "out") == lines
    assert written(stand_ins) == set()
    assert not (stand_ins / "out").exists()


def test_a_format_that_fails_takes_the_others_with_it(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def render_each(trace: object, formats: Iterable[str], options: Options) -> dict[str, str]:
        raise InputError(Fault("", "not this one"))

    monkeypatch.setattr(stepcalc.sheet, "render_each", render_each)
    refused(capsys, "solve", "cookie.toml", "-f", "json,tex", "-o", "out")
    assert written(stand_ins) == set()


def test_a_bug_is_one_line_too_and_the_traceback_is_there_for_who_asks(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepcalc, "solve", raises(ZeroDivisionError("over\nnothing")))
    assert main(["solve", "cookie.toml"]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "ZeroDivisionError: over nothing" in err
    monkeypatch.setenv("STEPCALC_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["solve", "cookie.toml"])


def test_an_interrupt_ends_quietly(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepcalc, "solve", raises(KeyboardInterrupt()))
    assert main(["solve", "cookie.toml"]) == 130
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("out", "reason"),
    [("cookie.toml/sheet.pdf", "not a directory"), ("/dev/full", "no space left"), ("/proc/nowhere/", "no such file")],
)
def test_a_place_that_cannot_be_written_is_named(
    stand_ins: Path, capsys: pytest.CaptureFixture[str], out: str, reason: str
) -> None:
    [line] = refused(capsys, "solve", "cookie.toml", "-o", out)
    assert line.startswith(out)
    assert reason in line
    assert written(stand_ins) == set()


# ------------------------------------------------------------------------------------- examples


def test_examples_are_listed_with_title_and_comment(
    here: Path, capsys: pytest.CaptureFixture[str], worked_examples: list[Path]
) -> None:
    assert main(["examples"]) == 0
    out = capsys.readouterr().out
    recipes = sorted((worked_examples[0].parent / "exams").glob("*.toml"))
    assert [line.split()[0] for line in out.splitlines()[::2]] == [path.stem for path in (*worked_examples, *recipes)]
    assert "Backpropagation, 2-2-1" in out
    assert "Will the cookie taste good?" in out
    assert "A 4-3-1 network by hand" in out


@pytest.mark.parametrize("name", ["cookie", "cookie.toml"])
def test_an_example_is_copied_but_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: Path, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", name]) == 0
    assert (tmp_path / "cookie.toml").read_bytes() == (repository / "worked_examples" / "cookie.toml").read_bytes()
    (tmp_path / "cookie.toml").write_text("mine")
    capsys.readouterr()
    assert refused(capsys, "examples", name) == ["cookie.toml: is here already; not overwritten"]
    assert (tmp_path / "cookie.toml").read_text() == "mine"


@pytest.mark.parametrize("name", ["quiz_two_two_one", "exams/quiz_two_two_one.toml"])
def test_a_recipe_is_copied_with_its_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: Path, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["examples", name]) == 0
    assert written(tmp_path) == {"exams/quiz_two_two_one.toml", "two_two_one.toml"}
    for copy in written(tmp_path):
        assert (tmp_path / copy).read_bytes() == (repository / "worked_examples" / copy).read_bytes()
    assert "next: stepcalc generate exams/quiz_two_two_one.toml --variants 30" in capsys.readouterr().err
    assert refused(capsys, "examples", name) == ["exams/quiz_two_two_one.toml: is here already; not overwritten"]
    (tmp_path / "exams" / "quiz_two_two_one.toml").unlink()
    assert main(["examples", name]) == 0, "the problem that is here is the one that would be copied"
    (tmp_path / "exams" / "quiz_two_two_one.toml").unlink()
    (tmp_path / "two_two_one.toml").write_text("mine")
    capsys.readouterr()
    assert refused(capsys, "examples", name) == ["two_two_one.toml: is here already; not overwritten"]
    assert written(tmp_path) == {"two_two_one.toml"}


def test_a_recipe_and_a_problem_are_not_taken_for_one_another(
    here: Path, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    examples = repository / "worked_examples"
    (told,) = refused(capsys, "solve", str(examples / "exams" / "written_exam.toml"))
    assert told.endswith("a recipe of an exam, and no problem; its variants are drawn by: stepcalc generate")
    (told,) = refused(capsys, "generate", str(examples / "cookie.toml"), "--variants", "2", "-o", "exam")
    assert told.endswith("says what varies and what is asked; to solve it: stepcalc solve")
    assert not (here / "exam").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["solve", "--help"], ["examples", "--help"]])
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "examples:\n  stepcalc " in helped(capsys, *arguments)


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    shown = helped(capsys, "solve", "--help")
    options = ("--view", "--layout", "--paper", "--chains", "--blank", "--template", "--backend", "-o", "-f")
    assert all(option in shown for option in options)


def helped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "directory"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "UTF-8"),
        (lambda path: path.write_text("title = ["), ""),
        (lambda path: path.write_text(""), "neither a network"),
        (lambda path: path.write_text("title = 'a\0'"), "line 1, column 11"),
        (lambda path: path.write_text("title = 'a'", encoding="utf-16"), "UTF-8"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to(path.name), ""),
    ],
    ids=["missing", "directory", "not text", "not TOML", "empty", "zero byte", "UTF-16", "pipe", "link to itself"],
)
def test_a_file_that_cannot_be_read(here: Path, capsys: pytest.CaptureFixture[str], make: object, reason: str) -> None:
    make(here / "broken.toml")  # type: ignore[operator]
    (told,) = refused(capsys, "solve", "broken.toml")
    assert told.startswith("broken.toml: ")
    assert reason.lower() in told.lower()
    assert written(here) <= {"broken.toml"}


# ----------------------------------------------------------------------- the program as a process


def run(*arguments: str, cwd: Path, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    command = [sys.executable, "-m", "stepcalc", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment, encoding="utf-8", timeout=60, stdout=stdout, stderr=subprocess.PIPE
    )


def test_an_interrupt_leaves_nothing_behind(here: Path, repository: Path) -> None:
    """Pressed at any moment of the work, Ctrl-C ends it with one line and no file."""
    command = [sys.executable, "-c", SLOW, "solve", str(repository / "worked_examples" / "cookie.toml"), "-o", "out/"]
    for moment in ("load", "render", "write"):
        process = subprocess.Popen(
            [*command, moment], cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (130, "error: interrupted\n")
        assert written(here) == set()
        assert not (here / "out").exists()


SLOW = """
import sys, time
import stepcalc, stepcalc.sheet
from stepcalc import cli, output

def wait(*_, **__):
    print("now", flush=True)
    time.sleep(50)

moment = sys.argv.pop()
if moment == "load":
    stepcalc.load = wait
if moment in ("render", "write"):
    stepcalc.load = stepcalc.solve = lambda *_, **__: None
    stepcalc.sheet.render_each = wait if moment == "render" else lambda *_: {"pdf": b"a page"}
if moment == "write":
    output._Attempt.finish = wait
sys.exit(cli.main())
"""
"""The program, slow at one moment: before anything is known, while pages are made, when all is ready to be moved."""


def test_version(here: Path) -> None:
    assert run("--version", cwd=here).stdout == f"stepcalc {stepcalc.__version__}\n"


def test_a_problem_whose_name_cannot_be_shown(here: Path, repository: Path) -> None:
    problem = here / os.fsdecode(b"\xfe.toml")
    problem.write_text("[table]\nof = 'losses'\n")
    done = run("solve", problem.name, "-f", "txt", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The problem\n═══════════\n")


def test_a_reader_that_leaves_early_is_no_error(here: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("examples", cwd=here, stdout=writing)
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 128 + signal.SIGPIPE


def test_a_full_disk_is_told(here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("examples", cwd=here, stdout=full)
    assert done.returncode == 2
    assert done.stderr.lower() == "error: no space left on device\n"


@pytest.mark.parametrize(("arguments", "sign"), [(["examples"], "→"), (["solve", "--help"], "…")])
def test_output_is_utf8_under_any_locale(here: Path, arguments: list[str], sign: str) -> None:
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-m", "stepcalc", *arguments], cwd=here, env=environment, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert sign in done.stdout.decode("utf-8")


def test_the_cookie_from_the_command_line(here: Path, repository: Path) -> None:
    done = run("solve", str(repository / "worked_examples" / "cookie.toml"), "-f", "json", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    trace = json.loads(done.stdout)
    assert trace["format"] == "stepcalc-trace/1"
    assert trace["values"]["L"] == pytest.approx(2.381996, abs=1e-6)
    assert trace["gradients"]["W1"][0][0] == pytest.approx(0.01877968, abs=1e-8)
    assert trace["history"]["L"] == pytest.approx([2.3820, 2.0620], abs=1e-4)
