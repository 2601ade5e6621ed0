"""Which words of a text moved which bit of its code."""

from wish_tf.explain.explain import explain
from wish_tf.explain.explanation import Explanation

__all__ = ["Explanation", "explain"]
