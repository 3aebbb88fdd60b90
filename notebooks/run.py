"""Run a notebook from top to bottom and save it with what its cells showed.

    python notebooks/run.py [NOTEBOOK ...]     default: every notebook beside this file

The file is written anew only when every cell ran without an error or a warning, and names no path
of this machine. It carries a hash of its code, so that a test can tell whether a cell was changed
since. What the cells write goes to a temporary folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
TIMEOUT_S = 1800  # of one cell, on a machine that does other things too
_PATH = re.compile(r"(?<![\w.}>)\]])/(?:\w[\w.-]*/)+\w")


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run every cell, and give the notebook with new outputs.

    Args:
        notebook: is left as it is.
        folder: where the cells run; what they write is in it.

    Raises:
        CellExecutionError: a cell failed; the message holds its traceback.
    """
    fresh: NotebookNode = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        fresh,
        kernel_name="python3",
        timeout=TIMEOUT_S,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=_tell,
    )
    # Pictures belong into the notebook, wherever the process that runs it draws its own.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    client.execute(env=environment)
    return seal(fresh)


def seal(notebook: NotebookNode) -> NotebookNode:
    """Keep of the metadata what is the same on every machine, and the hash of the code that ran."""
    notebook["metadata"] = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "ran_sha256": hash_code(notebook),
        }
    )
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = nbformat.from_dict({})  # type: ignore[no-untyped-call]
        cell["id"] = f"cell-{number:02}"
    return notebook


def hash_code(notebook: NotebookNode) -> str:
    """Hash the code of all cells, in order."""
    digest = hashlib.sha256()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            digest.update(cell["source"].encode() + b"\0")
    return digest.hexdigest()


def find_faults(notebook: NotebookNode) -> list[str]:
    """List what must not be saved: errors, warnings, paths of this machine, code that never ran."""
    faults = []
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    if [cell["execution_count"] for cell in code] != [*range(1, len(code) + 1)]:
        faults.append("The cells did not run once each, from top to bottom.")
    if notebook["metadata"].get("ran_sha256") != hash_code(notebook):
        faults.append("The code is not the one whose outputs are shown. Run make notebook.")
    for cell in code:
        for output in cell["outputs"]:
            text = _text_of(output)
            if output["output_type"] == "error" or output.get("name") == "stderr":
                faults.append(f"{cell['id']} shows an error or a warning: {text[:200]}")
            elif _PATH.search(text):
                faults.append(f"{cell['id']} shows a path of one machine: {text[:200]}")
    return faults


def serialise(notebook: NotebookNode) -> str:
    """Give the text of the file: the same notebook is always the same text."""
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def read(path: Path) -> NotebookNode:
    """Read and check a notebook."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def main(paths: list[Path]) -> int:
    """Run and save each notebook; say what was wrong with one that is left as it was."""
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            notebook = execute(read(path), Path(folder))
        faults = find_faults(notebook)
        if faults:
            print(f"{path.name} is left as it was.", *faults, sep="\n", file=sys.stderr)
            return 1
        aside = path.with_name(path.name + ".partial")
        aside.write_text(serialise(notebook), encoding="utf-8")
        os.replace(aside, path)
        print(f"{path.name}: {len(notebook['cells'])} cells, {path.stat().st_size / 1e3:.0f} kB")
    return 0


def _text_of(output: NotebookNode) -> str:
    data = output.get("data", {})
    return str(output.get("text") or data.get("text/plain") or output.get("evalue") or "")


def _tell(cell: Any, cell_index: int) -> None:
    if cell["cell_type"] == "code":
        print(f"cell {cell_index}: {cell['source'].splitlines()[0][:70]}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main([Path(x) for x in sys.argv[1:]] or sorted(HERE.glob("*.ipynb"))))
