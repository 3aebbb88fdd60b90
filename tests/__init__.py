"""Tests, laid out as the package is. A package, since a third party installs one of this name too."""
