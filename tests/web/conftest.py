"""The page, run without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="misses the extra web: the page was not tried")

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from tests.conftest import unmeasured

from toxic_tweets.web.settings import PageSettings, use_settings
from toxic_tweets.web.shelf import clear_shelf

APP = Path(__file__).resolve().parents[2] / "src" / "toxic_tweets" / "web" / "app.py"
SMALL = APP.parents[1] / "checkpoints" / "small" / "checkpoint.json"

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def components() -> BidiComponentManager:
    """Return the components of all packages, for which AppTest would look anew for each page."""
    manager = BidiComponentManager()
    unmeasured(manager.discover_and_register_components)(start_file_watching=False)
    return manager


@pytest.fixture
def open_page(components: BidiComponentManager) -> Iterator[OpenPage]:
    """Return a function that opens a view with settings and an address, and runs it once."""

    def open_it(view: str = "", *, settings: PageSettings | None = None, **query: str) -> AppTest:
        use_settings(settings or PageSettings())
        page = AppTest.from_string(_SCRIPT.format(view=view), default_timeout=120)
        page._bidi_component_manager = components
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    yield open_it
    use_settings(None)
    clear_shelf()


# AppTest opens the first view only; the others are called the way the frame calls them.
_SCRIPT = """
from toxic_tweets.web import frame
if "{view}":
    with frame.errors_as_sentences():
        getattr(frame, "{view}").show()
else:
    frame.show_page()
"""


def find_html(page: AppTest) -> str:
    """Return all HTML of the page but its style."""
    elements: list[Any] = list(page.get("html"))
    bodies = [str(element.proto.body) for element in elements]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def find_words(page: AppTest) -> str:
    """Return the errors, warnings, notes and captions of the page."""
    groups = (page.error, page.warning, page.info, page.caption, page.markdown)
    return "\n".join(str(element.value) for group in groups for element in group)


def find(widgets: Any, label: str) -> Any:
    """Return the one widget with this label."""
    (found,) = [widget for widget in widgets if widget.label == label]
    return found
