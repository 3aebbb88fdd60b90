"""Releases: what stops one, and that nothing is ever published by itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "release.py"
READY = "# Changelog\n\n## [1.2.3] - 2030-01-31\n\n### Added\n\n- All of it.\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository that is ready to be released, with a remote beside it."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n', encoding="utf-8")
    (folder / "CHANGELOG.md").write_text(READY, encoding="utf-8")
    (folder / ".gitignore").write_text("dist/\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    commit(folder)
    dist = folder / "dist"
    dist.mkdir()
    (dist / "toxic_tweets-1.2.3.tar.gz").touch()
    (dist / "toxic_tweets-1.2.3-py3-none-any.whl").touch()
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", *who, *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "Make it")


def release(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout


def test_the_commands_that_are_named_publish_and_nothing_else_does(repository: Path) -> None:
    code, said = release(repository)
    assert (code, "git push" in said) == (0, False)
    code, said = release(repository, "--next")
    assert code == 0
    remote = repository.parent / "remote.git"
    assert git(repository, "tag") == ""
    assert git(remote, "for-each-ref") == ""
    commands = re.findall(r"^  git (.*)$", said, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        git(repository, *(word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)))
    assert git(remote, "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/main",
        "refs/tags/v1.2.3",
    ]
    # Only once: the version is used up now.
    code, said = release(repository)
    assert code == 1
    assert "The tag v1.2.3 exists already." in said


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        (READY.replace("1.2.3", "1.2.2"), "begins with ## [1.2.2] - 2030-01-31, expected"),
        (READY.replace(" - 2030-01-31", ""), "begins with ## [1.2.3], expected"),
        ("# Changelog\n", "begins with nothing, expected"),
        (
            READY.replace("## [1", "## [Unreleased]\n\n- More.\n\n## [1"),
            "lists changes under Unreleased",
        ),
    ],
    ids=["another version", "no date", "no section", "unreleased changes"],
)
def test_the_changelog_must_begin_with_the_version(
    repository: Path, changelog: str, message: str
) -> None:
    (repository / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    commit(repository)
    code, said = release(repository)
    assert code == 1
    assert message in said


def test_an_empty_section_for_what_comes_next_is_fine(repository: Path) -> None:
    changelog = READY.replace("## [1", "## [Unreleased]\n\n## [1")
    (repository / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    commit(repository)
    assert release(repository)[0] == 0


@pytest.mark.parametrize("name", ["new.txt", "CHANGELOG.md"])
def test_all_must_be_committed(repository: Path, name: str) -> None:
    with (repository / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    code, said = release(repository)
    assert code == 1
    assert f"The tree is not clean: {name}." in said


def test_only_what_was_built_for_this_version_is_published(repository: Path) -> None:
    (repository / "dist" / "toxic_tweets-1.2.2.tar.gz").touch()
    code, said = release(repository, "--next")
    assert code == 1
    assert "dist/ holds" in said
    assert "git push" not in said


def test_the_workflow_refuses_a_tag_of_another_version(repository: Path) -> None:
    git(repository, "tag", "v1.2.3")
    assert release(repository, "--tag", "v1.2.3")[0] == 0
    code, said = release(repository, "--tag", "v1.2.4")
    assert code == 1
    assert "The tag is v1.2.4, but pyproject.toml says 1.2.3" in said


def test_make_release_checks_then_tests_then_builds_and_pushes_nothing() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--assume-old", ".venv/.setup", "release"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    steps = ["deploy/release.py\n", "-m ruff check", "-m pytest", "-m build", "release.py --next"]
    places = [shown.index(step) for step in steps]
    assert places == sorted(places)
    assert "git push" not in shown
    assert "git tag" not in shown


def test_the_notes_are_the_section_of_the_version(repository: Path) -> None:
    older = "\n## [1.2.2] - 2030-01-01\n\n### Fixed\n\n- Something.\n"
    (repository / "CHANGELOG.md").write_text(READY + older, encoding="utf-8")
    assert release(repository, "--notes") == (0, "### Added\n\n- All of it.\n")
    (repository / "CHANGELOG.md").write_text("# Changelog\n" + older, encoding="utf-8")
    code, said = release(repository, "--notes")
    assert code == 1
    assert "CHANGELOG.md begins with ## [1.2.2]" in said
