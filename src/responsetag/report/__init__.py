"""The report: one HTML page that shows what a run found."""
