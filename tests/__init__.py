"""Tests, laid out as the package is; a package, for a third party installs one so named."""
