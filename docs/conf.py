"""How these pages become a site: `make docs`."""

project = "skillgen"
extensions = ["myst_parser", "sphinx_external_toc"]
external_toc_path = "_toc.yml"
html_theme = "furo"
html_title = "skillgen"
myst_heading_anchors = 4
# Links that lead out of this folder, into the repository, have no page here; tests/test_docs.py checks all links.
suppress_warnings = ["myst.xref_missing"]
