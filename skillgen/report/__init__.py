"""Report: a draft as one HTML file that only shows, and the parts of it that the review page shows too."""

from skillgen.report.material import Material
from skillgen.report.page import report_page

__all__ = ["Material", "report_page"]
