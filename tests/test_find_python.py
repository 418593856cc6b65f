"""How make finds Python, and its message if there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "find-python"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# A Python without the venv module, as Debian ships it.
WITHOUT_VENV = f"""#!/bin/sh
exec {sys.executable} -c 'import sys; sys.modules["ensurepip"] = None; exec(sys.argv[2])' "$@"
"""
TOO_OLD = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def command(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)


def find(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), *arguments],
        env={"PATH": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_python_of_the_path_is_found(folder: Path) -> None:
    os.symlink(sys.executable, folder / "python3")

    assert find(folder).stdout == "python3\n"


def test_a_python_that_makes_no_environment_is_passed_over(folder: Path) -> None:
    command(folder, f"python{VERSION}", WITHOUT_VENV)
    os.symlink(sys.executable, folder / "python3")

    assert find(folder).stdout == "python3\n"


def test_without_another_the_package_that_is_missing_is_named(folder: Path) -> None:
    command(folder, "python3", WITHOUT_VENV)

    missing = find(folder)

    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith(f"{folder}/python3 cannot make an environment")
    assert missing.stderr.endswith(f"sudo apt-get install python{VERSION}-venv\n")


def test_without_python_the_message_says_how_to_name_one(folder: Path) -> None:
    command(folder, "python3", TOO_OLD)

    missing = find(folder)

    assert (missing.returncode, missing.stdout) == (1, "")
    assert "make PYTHON=/path/to/python3" in missing.stderr


def test_a_version_is_found_under_a_name_that_does_not_say_it(folder: Path) -> None:
    if any(Path(place, f"python{VERSION}").exists() for place in ("/usr/bin", "/usr/local/bin")):
        pytest.skip("the system's own is found before it")
    os.symlink(sys.executable, folder / "python3")

    assert find(folder, VERSION).stdout == "python3\n"


def test_a_version_of_pyenv_is_found(folder: Path) -> None:
    place = folder / ".pyenv" / "versions" / "3.99.1" / "bin"
    place.mkdir(parents=True)
    command(
        place,
        "python",
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 99); exec(sys.argv[2])" "$@"\n',
    )

    assert find(folder, "3.99").stdout == f"{place}/python\n"


def test_a_version_that_is_not_here_is_named(folder: Path) -> None:
    missing = find(folder, "3.98")

    assert (missing.returncode, missing.stderr) == (1, "Python 3.98 is not here.\n")
