"""Send what the Hugging Face Space is built from, in one commit.

    HF_TOKEN=... HF_SPACE=owner/name python deploy/space/sync.py     sends it
    python deploy/space/sync.py --folder FOLDER                      only lays it out in a folder

A Space builds the last stage of the Dockerfile at its top, and has no way to name another; so that
file is ours with one line more, which makes `space` the last one. The token is read from the
environment and travels in a header alone: it is in no address, no argument and no message.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
STAGE = "space"
# What the stages up to `space` copy. The project's own README is not among them: a Space has its
# own, which stands in for it.
SENT = (
    ".dockerignore",
    "LICENSE",
    "NOTICE",
    "constraints.txt",
    "pyproject.toml",
    "examples/tweets.csv",
    "src",
)
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", ".*_cache")


def lay_out(folder: Path) -> None:
    """Write everything the Space is built from into an empty folder."""
    for name in SENT:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=_LEFT_OUT)
        elif source.exists():
            shutil.copy2(source, target)
    shutil.copy2(HERE / "README.md", folder / "README.md")
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    if f" AS {STAGE}\n" not in dockerfile:
        raise SystemExit(f"deploy/Dockerfile has no stage «{STAGE}».")
    (folder / "Dockerfile").write_text(f"{dockerfile}\nFROM {STAGE}\n", encoding="utf-8")


def send(folder: Path, space: str, token: str, commit: str) -> str:
    """Send the folder in one commit that also deletes what is no longer there; return its URL."""
    from huggingface_hub import HfApi

    api = HfApi(token=token)
    api.create_repo(space, repo_type="space", space_sdk="docker", exist_ok=True)
    info = api.upload_folder(
        repo_id=space,
        repo_type="space",
        folder_path=folder,
        commit_message=f"Sync with {commit[:12]}" if commit else "Sync",
        delete_patterns="*",
    )
    return str(info.commit_url)


def main() -> int:
    """Run the script; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--folder", type=Path, help="only lay it out here, and send nothing")
    folder: Path | None = parser.parse_args().folder
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        lay_out(folder)
        print(f"Laid out in {folder}.")
        return 0
    token, space = (os.environ.get(name, "").strip() for name in ("HF_TOKEN", "HF_SPACE"))
    if not token or not space:
        missing = "HF_TOKEN" if not token else "HF_SPACE"
        print(f"{missing} is not set: nothing is sent.")
        return 0
    with tempfile.TemporaryDirectory() as made:
        lay_out(Path(made))
        try:
            url = send(Path(made), space, token, os.environ.get("COMMIT", ""))
        except Exception as error:  # the client's errors are many, and each may quote a request
            status = getattr(getattr(error, "response", None), "status_code", None)
            what = f"HTTP status {status}" if status else type(error).__name__
            hint = " Check HF_TOKEN and its right to write there." if status in (401, 403) else ""
            print(f"The Hub does not take {space} ({what}).{hint}", file=sys.stderr)
            return 1
    print(f"Sent: {url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
