"""Keep the documents true: links lead somewhere, examples run, commands exist."""

import ast
import contextlib
import csv
import io
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from toxic_tweets.classifier import load
from toxic_tweets.cli import app
from toxic_tweets.data.registry import READERS
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.train.config import read_recipe

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "toxic_tweets"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

needs_small = pytest.mark.skipif(
    not (PACKAGE / "checkpoints" / "small" / "checkpoint.json").is_file(),
    reason="misses checkpoints/small: the Python examples of the documents were not run",
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def find_blocks(path: Path, language: str) -> list[str]:
    blocks = FENCE.findall(path.read_text(encoding="utf-8"))
    return [code for found, code in blocks if found == language]


def find_commands() -> list[tuple[str, list[str]]]:
    """Find the arguments of every `toxic-tweets …` in a shell example."""
    commands = []
    for path in DOCUMENTS:
        lines = "".join(find_blocks(path, "sh")).splitlines()
        for line in lines:
            words = shlex.split(line, comments=True)
            if words and words[0] in ("docker", "kubectl"):  # images and secrets have the name too
                words = words[words.index("--") + 1 :] if "--" in words else []
            for index, word in enumerate(words):
                if word.endswith("toxic-tweets") and index + 1 < len(words):
                    commands.append((name_of(path), words[index + 1 :]))
    return commands


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target.split("#")[0] for target in targets if "://" not in target]
    broken = [target for target in local if not (path.parent / target).exists()]
    assert not broken, f"{name_of(path)} links to {broken}, which do not exist."


def find_anchors(path: Path) -> set[str]:
    """Find the anchors that GitHub gives the headings of a document, and MyST too."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    anchors: list[str] = []
    for heading in re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        n_before = sum(
            re.fullmatch(rf"{re.escape(slug)}(-\d+)?", one) is not None for one in anchors
        )
        anchors.append(f"{slug}-{n_before}" if n_before else slug)
    return set(anchors)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_anchors_lead_somewhere(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+\.md#[^)\s]+|#[^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        if "://" not in target and anchor not in find_anchors(path.parent / file if file else path):
            broken.append(target)
    assert not broken, f"{name_of(path)} links to {broken}, which no heading makes."


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_python_examples_are_python(path: Path) -> None:
    for code in find_blocks(path, "python"):
        ast.parse(code)


@needs_small
@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if find_blocks(path, "python")], ids=name_of
)
def test_python_examples_run(path: Path) -> None:
    for code in find_blocks(path, "python"):
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            exec(compile(code, name_of(path), "exec"), {"__name__": "example"})  # noqa: S102
        assert shown.getvalue(), f"{name_of(path)}: an example prints nothing."


def test_policies_are_policies() -> None:
    for code in find_blocks(ROOT / "docs" / "how-to" / "choose-a-policy.md", "toml"):
        policy = Policy.from_toml(code)
        policy.check_labels(TOXICITY_NAMES)
        assert Policy.from_toml(policy.to_toml()) == policy


@needs_small
def test_the_policy_of_the_tutorial_does_what_is_shown() -> None:
    page = ROOT / "docs" / "tutorial" / "moderate-a-forum.md"
    posts, shown = find_blocks(page, "text")
    (policy,) = find_blocks(page, "toml")
    texts = [row["text"] for row in csv.DictReader(io.StringIO(posts))]
    rows = [line for line in shown.splitlines()[1:] if not line.startswith("  ")]
    expected = [re.findall(r" (allow|review|block)\b", row)[0] for row in rows]
    predictions = load(policy=Policy.from_toml(policy)).predict(texts)
    assert [prediction.verdict for prediction in predictions] == expected


def test_presets_are_all_described() -> None:
    text = (ROOT / "docs" / "how-to" / "choose-a-policy.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w-]+)`", text, re.MULTILINE)) == set(PRESETS)


def test_recipes_are_recipes(tmp_path: Path) -> None:
    blocks = list(find_blocks(ROOT / "docs" / "how-to" / "train-a-checkpoint.md", "toml"))
    assert blocks
    for code in blocks:
        (tmp_path / "recipe.toml").write_text(code, encoding="utf-8")
        recipe = read_recipe(str(tmp_path / "recipe.toml"))
        assert {source.reader for source in recipe.sources} <= set(READERS)


@pytest.mark.parametrize(
    ("where", "words"),
    find_commands(),
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_commands_exist(where: str, words: list[str]) -> None:
    command = get_command(app)
    for word in words:
        children = getattr(command, "commands", None)
        if not children or word.startswith("-"):
            break
        assert word in children, f"{where} names a command that does not exist: {word}."
        command = children[word]
    known = {"--help"}
    for parameter in command.params:
        known |= {*parameter.opts, *parameter.secondary_opts}
    options = {word.split("=")[0] for word in words if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word)}
    assert options <= known, f"{where} names options that do not exist: {options - known}."


def test_every_file_has_a_duty() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    folders = ("", "text", "model")  # in data and train one row stands for the readers and stages
    files = [path for folder in folders for path in (PACKAGE / folder).glob("*.py")]
    missing = [
        name_of(path)
        for path in files
        if f"{path.name}`" not in rows and path.name != "__init__.py"
    ]
    assert not missing, f"{missing} have no row in the table of duties in CONTRIBUTING.md."
