"""Nodes and constants of an ONNX graph, collected one by one."""
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from onnx import NodeProto, TensorProto, helper, numpy_helper


class GraphBuilder:
    """Collects nodes and initialisers; names stand for arrays."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.initialisers: list[TensorProto] = []

    def constant(self, name: str, value: ArrayLike, dtype: DTypeLike) -> str:
        """Add an initialiser; returns its name."""
        array = np.ascontiguousarray(value, dtype)
        self.initialisers.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, name: str, *values: int) -> str:
        """Add an initialiser of int64 numbers; returns its name."""
        return self.constant(name, values, np.int64)

    def node(self, operator: str, inputs: Sequence[str], output: str,
             **attributes: int | list[int]) -> str:
        """Add an operator with one output; returns its name."""
        self.nodes.append(helper.make_node(
            operator, inputs, [output], name=output, **attributes))
        return output


#: adds the member of one bin (graph, name, bin); returns the name of its
#: votes [n, classes]
type Branch = Callable[[GraphBuilder, str, int], str]
