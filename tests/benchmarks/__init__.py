"""Measurements, printed as one table: each file has `measure() -> list[Row]`. Never asserted in the unit tests."""
