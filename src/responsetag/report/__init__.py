"""One HTML page that shows what a run found: counts, which labels go together, when, and every paragraph."""

from responsetag.report.write import ReportResult, write_report

__all__ = ["ReportResult", "write_report"]
