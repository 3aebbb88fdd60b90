"""The notebook: it runs from top to bottom, and what is saved is what it shows."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode, from_dict

from notebooks import run

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "fine_tuning.ipynb"

# Until here a run draws, counts and splits; from here on numbers differ a little by processor.
TRAINING = "model_folder = fit("
EPOCHS = '"epochs": 3,'


@pytest.fixture(scope="module")
def saved() -> NotebookNode:
    return run.read(NOTEBOOK)


@pytest.fixture(scope="module")
def executed(saved: NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    """Run it with one epoch in place of three: that is enough to learn what the tests ask for."""
    shorter = copy.deepcopy(saved)
    (cell,) = (cell for cell in code_cells(shorter) if EPOCHS in cell["source"])
    cell["source"] = cell["source"].replace(EPOCHS, '"epochs": 1,')
    return run.execute(shorter, tmp_path_factory.mktemp("notebook"))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell: NotebookNode) -> str:
    """Give the text that a cell printed."""
    return "".join(x["text"] for x in cell["outputs"] if x["output_type"] == "stream")


def count_pictures(notebook: NotebookNode) -> list[int]:
    """Count the pictures of each code cell."""
    return [
        sum("image/png" in output.get("data", {}) for output in cell["outputs"])
        for cell in code_cells(notebook)
    ]


def test_what_is_saved_is_what_ran(saved: NotebookNode) -> None:
    assert run.find_faults(saved) == []
    assert NOTEBOOK.read_text(encoding="utf-8") == run.serialise(saved)


def test_it_runs_and_shows_what_is_saved(saved: NotebookNode, executed: NotebookNode) -> None:
    assert run.find_faults(executed) == []
    assert count_pictures(executed) == count_pictures(saved)
    assert sum(count_pictures(saved)) >= 11
    for fresh, kept in zip(code_cells(executed), code_cells(saved), strict=True):
        if TRAINING in fresh["source"]:
            break
        assert shown(fresh) == shown(kept), fresh["id"]
    else:
        pytest.fail(f"no cell has {TRAINING!r}")


def test_it_teaches_something(executed: NotebookNode) -> None:
    text = "".join(map(shown, code_cells(executed)))
    (auc,) = re.findall(r"^toxic +\d+ texts, ROC AUC ([\d.]+)", text, re.MULTILINE)
    assert float(auc) > 0.9
    assert re.search(r"^(block|review) +You clown", text, re.MULTILINE)
    assert re.search(r"^allow +Could you move the picture", text, re.MULTILINE)


def test_one_line_changes_the_data(saved: NotebookNode) -> None:
    lines = [line for cell in code_cells(saved) for line in cell["source"].splitlines()]
    assert sum(line.startswith("DATA =") for line in lines) == 1
    assert any('`DATA = Path("jigsaw-toxic' in cell["source"] for cell in saved["cells"])


def make_notebook(*sources: str) -> NotebookNode:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": str(number),
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    notebook: NotebookNode = from_dict(  # type: ignore[no-untyped-call]
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )
    return notebook


def test_an_error_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run.execute(make_notebook("print('fine')", "1 / 0"), tmp_path)


def test_what_must_not_be_saved_is_found(tmp_path: Path) -> None:
    path = tmp_path / "noisy.ipynb"
    noisy = make_notebook(
        "import warnings; warnings.warn('careful')", "print(__import__('os').getcwd())"
    )
    path.write_text(run.serialise(noisy), encoding="utf-8")
    before = path.read_bytes()
    assert run.main([path]) == 1
    assert path.read_bytes() == before
    faults = run.find_faults(run.execute(noisy, tmp_path))
    assert [fault.split(":")[0] for fault in faults] == [
        "cell-00 shows an error or a warning",
        "cell-01 shows a path of one machine",
    ]


def test_a_cell_that_was_changed_since_is_found(tmp_path: Path) -> None:
    notebook = run.execute(make_notebook("print(1)"), tmp_path)
    assert run.find_faults(notebook) == []
    notebook["cells"][0]["source"] = "print(2)"
    (fault,) = run.find_faults(notebook)
    assert "Run make notebook." in fault
