"""The web page at `/`: what a model makes of a text, and what an index holds."""

from wish_tf.server.page.page import Page

__all__ = ["Page"]
