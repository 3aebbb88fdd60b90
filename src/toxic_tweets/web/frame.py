"""What stands around every view: title, navigation, style, and errors as sentences."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.web.views import compare, quality, table, try_text

_STYLE = Path(__file__).with_name("style.css")
# A file of ours: a name of an icon would be fetched from a host elsewhere.
_ICON = Path(__file__).with_name("icon.svg")
_log = logging.getLogger(__name__)


def show_page() -> None:
    """Show the view that the address names."""
    st.set_page_config(
        page_title="Toxic Tweets",
        page_icon=_ICON,
        layout="wide",
        menu_items={"About": "Toxic Tweets. Texts are neither logged nor stored."},
    )
    st.html(_STYLE)
    st.logo(_ICON, size="large")
    chosen = st.navigation(
        [
            st.Page(try_text.show, title="Try a text", url_path="try", default=True),
            st.Page(table.show, title="A table of texts", url_path="table"),
            st.Page(compare.show, title="Compare models", url_path="compare"),
            st.Page(quality.show, title="How good is it", url_path="quality"),
        ],
        position="top",
    )
    with errors_as_sentences():
        chosen.run()


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Show an error as one sentence. A bug is logged by its kind and place, never with a text."""
    try:
        yield
    except ToxicTweetsError as error:
        st.error(str(error))
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "?" if place is None else f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
        _log.error("the page failed: %s at %s", type(error).__name__, where)
        st.error(
            f"Something went wrong here ({type(error).__name__}). Reload the page; if it happens "
            "again, please report it with what you did."
        )
