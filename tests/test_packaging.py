"""stepcalc works however it was installed: from a wheel, which an sdist gives, too, or from an editable checkout.

Each kind gets a virtual environment of its own, with the dependencies of the one that runs the tests; no network
is used.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcalc._version import __version__
from stepcalc.resources import data_dir

REPOSITORY = Path(__file__).resolve().parent.parent
WHEEL_NAME = f"stepcalc-{__version__}-py3-none-any.whl"


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(folder: Path, *options: str) -> Path:
    """Build into ``folder``; the wheel."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, *options, REPOSITORY, cwd=folder)
    return folder / WHEEL_NAME


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def wheel_of_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sdist"))


def environment_with(folder: Path, *what: str | Path) -> Path:
    """A new virtual environment in which pip has installed ``what``; its bin folder."""
    venv.create(folder)
    [site_packages] = folder.glob("lib/python*/site-packages")
    (site_packages / "000-dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", *what, cwd=folder)
    return folder / "bin"


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with stepcalc in it."""
    kind = request.param
    what = ("--editable", REPOSITORY) if kind == "editable" else (request.getfixturevalue(kind),)
    return environment_with(tmp_path_factory.mktemp(kind), *what)


def members(wheel: Path) -> dict[str, int]:
    """What is in a wheel, each file with its checksum."""
    with zipfile.ZipFile(wheel) as archive:
        return {file.filename: file.CRC for file in archive.infolist()}


def files_below(folder: Path, suffix: str = "") -> Iterator[str]:
    for path in folder.rglob(f"*{suffix}"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()


@pytest.mark.slow
def test_the_wheel_holds_the_package_its_data_and_nothing_else(wheel: Path) -> None:
    inside = members(wheel)
    data = {
        f"stepcalc/_data/{folder}/{name}"
        for folder in ("templates", "worked_examples")
        for name in files_below(REPOSITORY / folder)
    }
    package = {f"stepcalc/{name}" for name in files_below(REPOSITORY / "stepcalc")}
    assert data | package == {name for name in inside if not name.startswith(f"stepcalc-{__version__}.dist-info/")}
    assert "stepcalc/py.typed" in inside


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(wheel: Path, wheel_of_sdist: Path) -> None:
    assert members(wheel) == members(wheel_of_sdist)
    with tarfile.open(wheel_of_sdist.parent / f"stepcalc-{__version__}.tar.gz") as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == {f"stepcalc-{__version__}"}
    assert not [name for name in names if ".venv" in name or "__pycache__" in name]


@pytest.mark.slow
def test_it_works_as_installed(installed: Path, tmp_path: Path) -> None:
    command = installed / "stepcalc"
    assert run(command, "--version", cwd=tmp_path) == f"stepcalc {__version__}\n"
    assert "cookie" in run(command, "examples", cwd=tmp_path)
    run(command, "examples", "chain_rule", cwd=tmp_path)
    formats = ("pdf", "html", "tex", "json", "txt")
    run(command, "solve", "chain_rule.toml", "-f", ",".join(formats), "-o", "out", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"chain_rule.{name}" for name in formats}
    assert json.loads((tmp_path / "out" / "chain_rule.json").read_text(encoding="utf-8"))["gradients"]["x"] == 24
    assert (tmp_path / "out" / "chain_rule.pdf").read_bytes().startswith(b"%PDF-")
    run(command, "examples", "quiz_two_two_one", cwd=tmp_path)
    run(command, "generate", "exams/quiz_two_two_one.toml", "--variants", "1", "-f", "html", "-o", "quiz", cwd=tmp_path)
    assert (tmp_path / "quiz" / "variants" / "001" / "problem.toml").is_file()


@pytest.mark.slow
def test_the_imported_package_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    script = "import stepcalc, importlib.metadata as m; print(stepcalc.__file__, m.version('stepcalc'))"
    place, version = run(installed / "python", "-c", script, cwd=tmp_path).split()
    expected = REPOSITORY if "editable" in str(installed) else installed.parent
    assert Path(place).is_relative_to(expected)
    assert version == __version__


def test_data_lies_beside_the_package_in_a_checkout() -> None:
    assert data_dir("worked_examples") == REPOSITORY / "worked_examples"
    assert data_dir("templates") == REPOSITORY / "templates"
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        data_dir("no_such_folder")


@pytest.mark.parametrize("folder", ["templates", "worked_examples"])
def test_data_folders_hold_no_code(folder: str) -> None:
    assert list(files_below(REPOSITORY / folder, ".py")) == []


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = {
        normal(match.group())
        for line in (*project["dependencies"], *extras["test"], *extras["dev"])
        if (match := re.match(r"[\w.-]+", line))
    }
    locked = dict(
        line.split("==")
        for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    assert asked - {"stepcalc"} <= {normal(name) for name in locked}
    assert all(re.fullmatch(r"[\w.]+", version) for version in locked.values())
