"""Say what keeps a release from being made, and then what to type to publish it.

    python deploy/release.py              before the tests: exit code 1 while something is missing
    python deploy/release.py --next       after make build: the same, and the commands that publish
    python deploy/release.py --tag v1.2.3 in the workflow: does the tag name what is in the tree?
    python deploy/release.py --notes      in the workflow: what CHANGELOG.md says of the version

It runs in the folder of the repository, needs nothing but Python and git, and changes nothing:
tags are set and pushed by people.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

_HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?$", re.MULTILINE)


def main() -> int:
    """Check, print, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--next", action="store_true", help="say what to type to publish dist/")
    kind.add_argument("--tag", help="check that this tag names the version")
    kind.add_argument("--notes", action="store_true", help="print the changelog of the version")
    options = parser.parse_args()
    version = _read_version()
    changelog = Path("CHANGELOG.md").read_text(encoding="utf-8")
    faults = find_changelog_faults(changelog, version)
    if options.notes and not faults:
        print(find_notes(changelog, version))
        return 0
    if options.tag:
        faults += find_tag_faults(options.tag, version)
    elif not options.notes:
        faults += find_tree_faults(version)
    if options.next:
        faults += find_file_faults(Path("dist"), version)
    if faults:
        print(f"{version} cannot be released:", *(f"- {fault}" for fault in faults), sep="\n")
        return 1
    print(f"{version} is ready: the version, CHANGELOG.md and git agree.")
    if options.next:
        print("\nNothing was published. To publish it, type:\n")
        print(f'  git tag --annotate v{version} --message "Toxic Tweets {version}"')
        print(f"  git push origin main v{version}")
        print("\nThe tag starts .github/workflows/release.yml; see docs/how-to/release.md.")
    return 0


def find_changelog_faults(text: str, version: str) -> list[str]:
    """Compare the newest section of the changelog with the version."""
    sections = list(_HEADING.finditer(text))
    ends = [*(section.start() for section in sections[1:]), len(text)]
    faults = []
    while sections and sections[0]["name"] == "Unreleased":
        if "\n- " in text[sections[0].end() : ends[0]]:
            faults.append(
                "CHANGELOG.md lists changes under Unreleased. Move them below a heading "
                f"## [{version}] - YEAR-MONTH-DAY."
            )
        del sections[0], ends[0]
    if not sections or sections[0]["name"] != version or not sections[0]["date"]:
        found = sections[0].group() if sections else "nothing"
        faults.append(
            f"CHANGELOG.md begins with {found}, expected ## [{version}] - YEAR-MONTH-DAY. "
            "Add that section, or set the version in pyproject.toml."
        )
    return faults


def find_notes(text: str, version: str) -> str:
    """Return the section of a version, without its heading."""
    sections = list(_HEADING.finditer(text))
    names = [section["name"] for section in sections]
    at = names.index(version)
    end = sections[at + 1].start() if at + 1 < len(sections) else len(text)
    return text[sections[at].end() : end].strip()


def find_tag_faults(tag: str, version: str) -> list[str]:
    """Compare a tag with the version."""
    if tag == f"v{version}":
        return []
    return [f"The tag is {tag}, but pyproject.toml says {version}, so v{version} was expected."]


def find_tree_faults(version: str) -> list[str]:
    """Ask git whether all is committed and the tag is free."""
    faults = []
    changed = _git("status", "--porcelain").splitlines()
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        names = ", ".join(line[3:] for line in changed[:3])
        faults.append(f"The tree is not clean: {names}{more}. Commit or remove them.")
    if _git("tag", "--list", f"v{version}").strip():
        faults.append(
            f"The tag v{version} exists already. Raise the version in pyproject.toml and begin "
            "a new section in CHANGELOG.md."
        )
    return faults


def find_file_faults(folder: Path, version: str) -> list[str]:
    """Tell whether the folder holds the two files of this version, and nothing else."""
    expected = {f"toxic_tweets-{version}.tar.gz", f"toxic_tweets-{version}-py3-none-any.whl"}
    found = {path.name for path in folder.glob("*")}
    if found == expected:
        return []
    return [f"{folder}/ holds {sorted(found)}, expected {sorted(expected)}. Run make build."]


def _read_version() -> str:
    with Path("pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
