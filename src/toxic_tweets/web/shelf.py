"""The models that are open, shared by all visitors; the ones used last are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict

from toxic_tweets.web.catalogue import Report, open_scorer
from toxic_tweets.web.scorers import Scorer
from toxic_tweets.web.settings import PageSettings

# Two that ship, VADER and one large model of the Hub fit into the memory of a laptop.
_MOST = 4

_Key = tuple[str, str]
_open: OrderedDict[_Key, Scorer] = OrderedDict()
_lock = threading.Lock()
_opening: defaultdict[_Key, threading.Lock] = defaultdict(threading.Lock)


def take_scorer(name: str, settings: PageSettings, report: Report = lambda line: None) -> Scorer:
    """Return a model, opened once for all visitors.

    Raises:
        ToxicTweetsError: it cannot be opened.
    """
    key = (settings.server, name)
    with _lock:
        if key in _open:
            _open.move_to_end(key)
            return _open[key]
        mine = _opening[key]
    with mine:  # a second visitor who wants it waits for the first
        with _lock:
            if key in _open:
                return _open[key]
        scorer = open_scorer(name, settings, report)
        with _lock:
            _open[key] = scorer
            _opening.pop(key, None)
            while len(_open) > _MOST:
                _open.popitem(last=False)
        return scorer


def clear_shelf() -> None:
    """Forget every model that is open."""
    with _lock:
        _open.clear()
