"""The resources are found in a checkout and in an installed wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from simulator import resources

ROOT = Path(__file__).resolve().parent.parent


def test_a_checkout_finds_its_files() -> None:
    assert resources.path("LICENSES.md") == ROOT / "resources" / "LICENSES.md"
    assert resources.path("fonts").is_dir()


@pytest.mark.parametrize("name", ["/etc/passwd", "../pyproject.toml", "fonts/../../pyproject.toml"])
def test_a_name_stays_within_the_resources(name: str) -> None:
    with pytest.raises(ValueError, match="a relative path without"):
        resources.path(name)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"'fonts/none\.ttf' is missing in .*resources"):
        resources.path("fonts/none.ttf")


def test_an_installed_wheel_finds_its_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    target = tmp_path / "target"
    with zipfile.ZipFile(wheel) as archive:  # all that installing a wheel of plain Python does
        names = archive.namelist()
        archive.extractall(target)

    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from simulator import resources;"
        " print(resources.path('LICENSES.md'))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", script, target],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    found = Path(ran.stdout.rstrip("\n"))
    assert found == target / "simulator" / "_resources" / "LICENSES.md"
    assert found.read_bytes() == (ROOT / "resources" / "LICENSES.md").read_bytes()

    packed = {name for name in names if ".dist-info/" not in name}
    held = {
        f"{place}/{file.relative_to(folder).as_posix()}"
        for folder, place in (
            (ROOT / "simulator", "simulator"),
            (ROOT / "resources", "simulator/_resources"),
        )
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert packed == held
