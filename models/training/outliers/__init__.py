"""Pictures for the measure of outliers: `python -m outliers --help`."""
