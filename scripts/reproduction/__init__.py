"""The paper's evaluation: which runs, what is measured, tables and pictures."""
