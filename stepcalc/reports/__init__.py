"""How are marks told? As text, grade book, data, and as feedback sheets with the worked solution."""

from __future__ import annotations

from stepcalc.reports.writing import FORMATS as FORMATS
from stepcalc.reports.writing import PAGES as PAGES
from stepcalc.reports.writing import TEXT_FORMATS as TEXT_FORMATS
from stepcalc.reports.writing import document as document
from stepcalc.reports.writing import overview as overview
from stepcalc.reports.writing import pages as pages
