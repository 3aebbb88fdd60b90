"""The page people use, in a browser, with Streamlit (extra `web`).

Texts stay in the memory of the session that brought them: none is logged, stored or sent on, except
to a server that whoever started the page named.
"""
