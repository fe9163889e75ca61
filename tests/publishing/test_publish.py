"""An exam reaches its directory whole, whoever does the work, and can be finished after an interruption."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import stepcalc
from stepcalc.answers.class_list import ClassList, Member
from stepcalc.cli import main
from stepcalc.errors import Fault, InputError
from stepcalc.papers.options import PaperOptions
from stepcalc.publishing.publish import publish, publish_again
from stepcalc.publishing.shelf import UNFINISHED, Shelf
from stepcalc.publishing.students import assigned
from stepcalc.publishing.work import Made, Work, make
from stepcalc.publishing.workers import _as_ready, cluster, processes
from tests.publishing.exams import EXAMPLES, WEIGHTS, files, recipe

TEXTS = ("html", "tex")


@pytest.fixture(scope="module")
def exam() -> stepcalc.Exam:
    return stepcalc.generate(recipe(), 4, seed=7)


@pytest.fixture(scope="module")
def whole(exam: stepcalc.Exam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "exam"
    publish(exam, folder, TEXTS, {"Ada": "001"})
    return folder


def test_what_is_there(whole: Path) -> None:
    names = {"question.html", "question.tex", "key.html", "key.tex", "problem.toml"}
    assert {path.name for path in (whole / "variants" / "003").iterdir()} == names
    manifest = json.loads((whole / "manifest.json").read_text())
    assert manifest["format"] == "stepcalc-exam/1"
    assert [one["id"] for one in manifest["variants"]] == ["001", "002", "003", "004"]
    assert manifest["students"] == {"Ada": "001"}
    assert sorted(path.name for path in whole.iterdir()) == [
        "booklet.tex",
        "manifest.json",
        "rubric.html",
        "rubric.tex",
        "variants",
    ]


def test_the_code_on_paper_begins_as_the_hash_in_the_manifest(whole: Path) -> None:
    known = json.loads((whole / "manifest.json").read_text())["recipe"]["sha256"][:8].upper()
    assert f"{known}-003-" in (whole / "variants" / "003" / "question.html").read_text()


def test_solving_a_problem_gives_the_answers(whole: Path) -> None:
    for one in json.loads((whole / "manifest.json").read_text())["variants"]:
        trace = stepcalc.solve(stepcalc.load(whole / one["problem"]))
        for item, answer in one["answers"].items():
            assert trace.value(item) == pytest.approx(answer, rel=1e-13)


def test_a_variant_does_not_depend_on_how_many_there_are(whole: Path, tmp_path: Path) -> None:
    publish(stepcalc.generate(recipe(), 2, seed=7), tmp_path / "fewer", TEXTS)
    for file, content in files(tmp_path / "fewer" / "variants").items():
        assert (whole / "variants" / file).read_bytes() == content


def dying(work: Work) -> Made:
    if work.id == "003":
        os.kill(os.getpid(), signal.SIGKILL)
    return make(work)


def test_a_process_that_dies_is_told_and_the_rest_resumed(exam: stepcalc.Exam, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--jobs: a process died .* --resume goes on"), processes(1) as do:
        publish(exam, tmp_path / "exam", TEXTS, {"Ada": "001"}, do=lambda _, things: do(dying, things))
    assert Shelf(tmp_path / "exam").is_begun
    publish(exam, tmp_path / "exam", TEXTS, {"Ada": "001"}, resume=True)
    assert files(tmp_path / "exam") == files(whole)


def test_of_several_faults_the_first_one_is_told() -> None:
    """Whichever of them is found first."""
    late = threading.Event()

    def work(number: int) -> int:
        if number == 2:
            late.wait(10)
        if number > 1:
            late.set()
            raise InputError(Fault("", f"variant {number}"))
        return number

    with ThreadPoolExecutor(4) as pool, pytest.raises(InputError, match="variant 2"):
        list(_as_ready(pool, 4, work, range(1, 9)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_dask_cluster_gives_the_same_bytes(exam: stepcalc.Exam, whole: Path, tmp_path: Path) -> None:
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        cluster(local.scheduler_address) as do,
    ):
        publish(exam, tmp_path / "cluster", TEXTS, {"Ada": "001"}, do=do)
        with (
            pytest.raises(InputError, match=r"--scheduler tcp:.*: a process died"),
            cluster(local.scheduler_address) as do,
        ):
            publish(exam, tmp_path / "dying", TEXTS, do=lambda _, things: do(dying, things))
    assert files(tmp_path / "cluster") == files(whole)
    assert Shelf(tmp_path / "dying").is_begun


def interrupted_after(count: int) -> Callable[[Callable[[Work], Made], Iterable[Work]], Iterator[Made]]:
    def do(work: Callable[[Work], Made], things: Iterable[Work]) -> Iterator[Made]:
        for number, thing in enumerate(things):
            if number == count:
                raise OSError(28, "No space left on device")
            yield work(thing)

    return do


def test_what_was_interrupted_is_finished(exam: stepcalc.Exam, whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "exam"
    with pytest.raises(OSError, match="No space left"):
        publish(exam, folder, TEXTS, {"Ada": "001"}, do=interrupted_after(1))
    assert Shelf(folder).is_begun
    with pytest.raises(InputError, match="--resume finishes it"):
        publish(exam, folder, TEXTS, {"Ada": "001"})
    made = []

    def counted(work: Callable[[Work], Made], things: Iterable[Work]) -> Iterator[Made]:
        for thing in things:
            made.append(thing.id)
            yield work(thing)

    told: list[tuple[int, int]] = []
    publish(exam, folder, TEXTS, {"Ada": "001"}, True, counted, lambda done, most: told.append((done, most)))
    assert len(made) == 3
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert files(folder) == files(whole)


def test_wherever_it_was_interrupted_it_is_finished(
    exam: stepcalc.Exam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a variant's pieces and its folder, while a folder was filled, before the manifest, after it."""
    folder, formats, told = tmp_path / "exam", ("csv", "json"), list[tuple[int, int]]()
    publish(exam, tmp_path / "whole", formats)
    with pytest.raises(OSError, match="No space"):
        publish(exam, folder, formats, do=interrupted_after(3))
    shutil.rmtree(folder / "variants" / "002")
    shutil.rmtree(folder / UNFINISHED / "003")
    (folder / "variants" / "002.draft").mkdir()
    (folder / "variants" / "002.draft" / "key.json").write_text("half of")
    synced = []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("stepcalc.publishing.shelf.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            publish(exam, folder, formats[::-1], resume=True, progress=lambda *counted: told.append(counted))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert ((folder / "answers.csv").exists(), (folder / "manifest.json").exists()) == (True, False)
    plan = (folder / UNFINISHED / "plan.json").read_bytes()
    publish(exam, folder, formats, resume=True)
    assert files(folder) == files(tmp_path / "whole")
    (folder / UNFINISHED).mkdir()
    (folder / UNFINISHED / "plan.json").write_bytes(plan)
    publish(exam, folder, formats, resume=True)
    assert files(folder) == files(tmp_path / "whole")


def test_a_fault_found_when_resuming_takes_nothing_away(exam: stepcalc.Exam, tmp_path: Path) -> None:
    def failing(work: Callable[[Work], Made], things: Iterable[Work]) -> Iterator[Made]:
        raise InputError(Fault("", "cannot be asked"))
        yield

    folder = tmp_path / "exam"
    with pytest.raises(OSError, match="No space"):
        publish(exam, folder, ["csv"], do=interrupted_after(1))
    before = files(folder)
    with pytest.raises(InputError, match="cannot be asked"):
        publish(exam, folder, ["csv"], resume=True, do=failing)
    assert files(folder) == before


def test_only_the_same_exam_is_resumed(exam: stepcalc.Exam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "exam"
    with pytest.raises(OSError, match="No space"):
        publish(exam, folder, TEXTS, do=interrupted_after(1))
    with pytest.raises(InputError, match="another class list"):
        publish(exam, folder, TEXTS, {"Ada": "001"}, resume=True)
    for other_paper in (PaperOptions("letter"), PaperOptions(pages_multiple=2), PaperOptions(template=tmp_path)):
        with pytest.raises(InputError, match="another paper"):
            publish(exam, folder, TEXTS, resume=True, options=other_paper)
    with monkeypatch.context() as patch:
        patch.setattr("stepcalc.publishing.publish.__version__", "0.0.1")
        with pytest.raises(InputError, match="another version"):
            publish(exam, folder, TEXTS, resume=True)
    other_recipe = stepcalc.generate(recipe(ask={"items": ["z1"]}), 1, seed=7)
    with pytest.raises(InputError, match="another recipe"):
        publish(other_recipe, folder, TEXTS, resume=True)
    other = stepcalc.generate(recipe(), 4, seed=8)
    with pytest.raises(InputError, match="another seed"):
        publish(other, folder, TEXTS, resume=True)
    with pytest.raises(InputError, match="another number of variants and formats"):
        publish(stepcalc.generate(recipe(), 5, seed=7), folder, ("html",), resume=True)
    (folder / UNFINISHED / "plan.json").write_text("{")
    with pytest.raises(InputError, match="another recipe and seed and version"):
        publish(exam, folder, TEXTS, resume=True)


def test_what_is_said_of_the_paper_reaches_every_file(tmp_path: Path) -> None:
    publish(stepcalc.generate(recipe(), 1, seed=7), tmp_path, ["tex"], options=PaperOptions("letter", None, 3))
    assert "letterpaper" in (tmp_path / "variants" / "001" / "question.tex").read_text()
    assert "\\stepcalcpad{3}" in (tmp_path / "booklet.tex").read_text()


def test_nothing_is_overwritten(exam: stepcalc.Exam, whole: Path, tmp_path: Path) -> None:
    before = files(whole)
    for folder in (whole, tmp_path / "file"):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(InputError, match=r"nothing is overwritten|not a directory"):
            publish(exam, folder, TEXTS)
    with pytest.raises(InputError, match="nothing to resume"):
        publish(exam, whole, TEXTS, resume=True)
    assert files(whole) == before
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "variants").mkdir()
    with pytest.raises(InputError, match="nothing is overwritten"):
        publish(exam, tmp_path, TEXTS)
    assert not (tmp_path / UNFINISHED).exists()


def test_a_fault_leaves_nothing_behind(exam: stepcalc.Exam, tmp_path: Path) -> None:
    def do(work: Callable[[Work], Made], things: Iterable[Work]) -> Iterator[Made]:
        yield work(next(iter(things)))
        raise InputError([])

    with pytest.raises(InputError):
        publish(exam, tmp_path / "exam", TEXTS, do=do)
    assert not (tmp_path / "exam").exists()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError):
        publish(exam, tmp_path, TEXTS, do=do)
    assert files(tmp_path) == {"notes.txt": b"mine"}


def test_one_variant_again(exam: stepcalc.Exam, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, three = tmp_path / "exam", stepcalc.generate(recipe(), 3, seed=7)
    publish(exam, folder, TEXTS, {"Ada": "001"})
    (folder / "variants" / "003" / "key.html").write_text("spilt")
    publish_again(three, "003", folder, TEXTS)
    assert files(folder) == files(whole)
    with pytest.raises(InputError, match="made with another seed; nothing is changed"):
        publish_again(stepcalc.generate(recipe(), 1, seed=8), "003", folder, TEXTS)
    beyond = stepcalc.generate(recipe(), len(exam) + 1, seed=7)
    with pytest.raises(InputError, match=f"has no variant {beyond[-1].id}; its last one is {exam[-1].id}"):
        publish_again(beyond, beyond[-1].id, folder, TEXTS)
    assert files(folder) == files(whole)
    with monkeypatch.context() as patch:
        patch.setattr("stepcalc.publishing.publish.__version__", "0.0.1")
        with pytest.raises(InputError, match="made with another version"):
            publish_again(three, "003", folder, TEXTS)
    with pytest.raises(InputError, match="made with another recipe"):
        publish_again(stepcalc.generate(recipe(ask={"items": ["z1"]}), 1, seed=7), "003", folder, TEXTS)
    (folder / "manifest.json").write_text('{"recipe": 1}')
    with pytest.raises(InputError, match="made with another recipe and seed and version"):
        publish_again(three, "003", folder, TEXTS)


def test_each_student_gets_a_variant() -> None:
    group = ClassList((Member("Ada"), Member("../Bob"), Member("=1+1")))
    assert assigned(group, ["001", "002", "003", "004"]) == {"Ada": "001", "../Bob": "002", "=1+1": "003"}
    with pytest.raises(InputError, match="not one for each"):
        assigned(group, ["001", "002"])
    said = ClassList((Member("Ada", "002"), Member("Bob", "001")), has_variants=True)
    assert assigned(said, ["001", "002"]) == {"Ada": "002", "Bob": "001"}
    from_a_spreadsheet = ClassList((Member("Ada", "2"), Member("Bob", "1")), has_variants=True)
    assert assigned(from_a_spreadsheet, ["001", "002"]) == {"Ada": "002", "Bob": "001"}
    wrong = ClassList((Member("Ada", "7"), Member("Bob"), Member("Eve", "001"), Member("Dan", "001")), True)
    with pytest.raises(InputError) as raised:
        assigned(wrong, ["001"])
    assert [fault.message for fault in raised.value.faults] == [
        "Ada: there is no variant 7",
        "Bob: no variant is named",
        "variant 001 is given to 2 students",
    ]


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    fields = {
        "problem": "two_two_one.toml",
        "vary": {"W1": WEIGHTS, "W2": WEIGHTS},
        "ask": {"items": ["z1", "y_hat", "dL/dW2", "W2_new"]},
    }
    (tmp_path / "quiz.json").write_text(json.dumps(fields))
    (tmp_path / "two_two_one.toml").write_bytes((EXAMPLES / "two_two_one.toml").read_bytes())
    return ["generate", str(tmp_path / "quiz.json"), "--variants", "6", "--seed", "5", "-f", "html"]


@pytest.mark.slow
def test_killed_and_resumed(arguments: list[str], tmp_path: Path) -> None:
    """Begun by two processes that hash words differently, and finished by this one."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert main([*arguments, "-o", str(whole), "--jobs", "1"]) == 0
    for blow in (signal.SIGKILL, signal.SIGINT):
        resume = ["--resume"] if killed.exists() else []
        command = [sys.executable, "-m", "stepcalc", *arguments, "-o", str(killed), "--jobs", "2", *resume]
        running = subprocess.Popen(command, start_new_session=True, env={**os.environ, "PYTHONHASHSEED": "1"})
        there = len(list(killed.glob("variants/[0-9]*")))
        until = time.monotonic() + 60
        while len(list(killed.glob("variants/[0-9]*"))) < there + 1 and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(running.pid, blow)
        running.wait(60)
        assert Shelf(killed).is_begun
    assert main([*arguments, "-o", str(killed), "--resume", "--jobs", "1"]) == 0
    assert files(killed) == files(whole)
