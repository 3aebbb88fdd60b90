"""How Sphinx builds the documentation site; `make docs` does, from what `lay_out.py` lays out."""

import importlib.metadata

project = "Toxic Tweets"
author = "The Toxic Tweets authors"
project_copyright = "The Toxic Tweets authors"
release = importlib.metadata.version("toxic-tweets")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4  # links lead to headings by the names that GitHub gives them
exclude_patterns = ["_downloads", "_as_it_is"]
suppress_warnings = ["myst.header"]  # a report begins at the second level: cards take it in

default_role = "code"  # docstrings quote names in single backticks

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_attr_annotations = False  # the signature of a class has the types already
napoleon_numpy_docstring = False
# Types that signatures name and the door does not give: parts of the inside, and other packages.
nitpick_ignore_regex = [
    ("py:.*", r"(numpy|np|tokenizers|pathlib|collections\.abc|typing)\..*"),
    ("py:.*", r"toxic_tweets\.(explain|model|policy|prediction|reading)\..*"),
    ("py:class", r"tuple\[.*"),  # Sphinx looks for the whole of it
    ("py:exc", r"\w+Error"),  # they have a page of their own
]

html_theme = "furo"
html_title = f"Toxic Tweets {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_as_it_is"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
