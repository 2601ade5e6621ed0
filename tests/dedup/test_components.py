from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.dedup.brute_force import first_of_groups
from wish_tf.dedup.components import Components

NODES = 12
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=5
)


@given(batches=st.lists(EDGES, max_size=5))
def test_roots_are_the_smallest_nodes(batches):
    components = Components(NODES)
    linked = np.zeros((NODES, NODES), bool)
    for edges in batches:
        left, right = np.array(edges, int).reshape(-1, 2).T
        components.join(left, right)
        linked[left, right] = True
        roots = components.roots(np.arange(NODES))
        assert roots.tolist() == first_of_groups(linked)
