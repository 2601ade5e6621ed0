"""A page about a trained run that a person can read: one HTML file."""

from wish_tf.report.write_report import write_report

__all__ = ["write_report"]
