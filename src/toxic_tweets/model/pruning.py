"""Take out of an exported graph what the logits of one text do not need.

The head reads the first token alone, so the last layer has to be computed for that token alone: its
keys and values come from all tokens, everything after them from one. That is a seventh of all
products of MiniLM-L6. Logits per token, which only an explanation asks for, move into a branch that
runs on demand.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

ATTENTION = "MultiHeadAttention"
# Operators that give each row of a tensor by itself, if their other inputs are constant. The scale
# of DynamicQuantizeLinear is that of the rows it is given.
_BY_ROW = {"Add", "Mul", "MatMul", "MatMulInteger", "Cast", "DynamicQuantizeLinear", "Gelu"}
_BY_ROW |= {"Gemm", "LayerNormalization"}
_LOGITS, _TOKEN_LOGITS = "logits", "token_logits"
WITH_TOKENS = "with_tokens"  # the optional input that asks for token_logits


def drop_reshapes(model: ModelProto) -> None:
    """Join the attention operators directly to the products around them.

    PyTorch parts the heads and joins them again; what is left of both are two shapes that undo each
    other.
    """
    graph = model.graph
    makers = _find_makers(graph)
    takers = {name: node for node in graph.node for name in node.input}
    same: dict[str, str] = {}
    for attention in (node for node in graph.node if node.op_type == ATTENTION):
        for name in attention.input:
            outer = makers.get(name)
            inner = makers.get(outer.input[0]) if outer is not None else None
            if outer and inner and inner.op_type == outer.op_type == "Reshape":
                same[name] = inner.input[0]
        inner = takers.get(attention.output[0])
        outer = takers.get(inner.output[0]) if inner is not None else None
        if outer and inner and outer.op_type == inner.op_type == "Reshape":
            same[outer.output[0]] = attention.output[0]
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = same.get(name, name)
    _drop_unused(graph)


def keep_first_token(model: ModelProto) -> bool:
    """Compute the last layer for the first token alone; return whether that could be done.

    A graph of another kind, whose logits depend on the last layer of all tokens, stays as it is.
    """
    graph = model.graph
    makers = _find_makers(graph)
    needed = _find_needed(graph, [_LOGITS])
    pick = next((one for one in needed if _picks_first(one, graph)), None)
    attention = next((one for one in reversed(needed) if one.op_type == ATTENTION), None)
    if pick is None or attention is None:
        return False
    rows = _Rows(makers, attention, _find_names(graph, attention.input[1:3]))
    try:
        first = rows.keep_first(pick.input[0])
    except _MixesRowsError:
        return False
    pick.input[0] = first
    at = list(graph.node).index(pick)
    nodes = [*graph.node[:at], *rows.nodes, *graph.node[at:]]
    graph.initializer.append(numpy_helper.from_array(np.array([0]), _Rows.ZERO))
    _replace_nodes(graph, nodes)
    if any(one.name == _TOKEN_LOGITS for one in graph.output):
        _move_into_branch(graph)
    _drop_unused(graph)
    return True


class _MixesRowsError(Exception):
    """An operator gives a row from several rows."""


class _Rows:
    """Make the part of a graph that gives the first token of a tensor."""

    ZERO = "first_token"

    def __init__(
        self, makers: dict[str, NodeProto], attention: NodeProto, shared: set[str]
    ) -> None:
        self.nodes: list[NodeProto] = []
        self._makers = makers
        self._attention = attention
        self._shared = shared  # what keys and values need of all tokens anyway
        self._done: dict[str, str] = {}

    def keep_first(self, name: str) -> str:
        """Return the name of the first row of a tensor (texts, tokens, …), kept as an axis."""
        maker = self._makers.get(name)
        if maker is None:  # a constant
            return name
        if name not in self._done:
            if name in self._shared:
                self._pick(name, maker)
            else:
                self._copy(maker)
        return self._done[name]

    def _pick(self, name: str, maker: NodeProto) -> None:
        is_scalar = maker.op_type == "DynamicQuantizeLinear" and name != maker.output[0]
        self._done[name] = name
        if not is_scalar:
            self._done[name] = f"{name}_first"
            inputs = [name, self.ZERO]
            self.nodes.append(helper.make_node("Gather", inputs, [self._done[name]], axis=1))

    def _copy(self, maker: NodeProto) -> None:
        if maker == self._attention:
            inputs = [self.keep_first(maker.input[0]), *maker.input[1:]]
        elif maker.op_type in _BY_ROW:
            inputs = [self.keep_first(name) for name in maker.input]
        else:
            raise _MixesRowsError
        node = copy.deepcopy(maker)
        node.name = f"{maker.name}_first"
        del node.input[:], node.output[:]
        node.input.extend(inputs)
        node.output.extend(f"{name}_first" for name in maker.output)
        self._done |= dict(zip(maker.output, node.output, strict=True))
        self.nodes.append(node)


def _picks_first(node: NodeProto, graph: GraphProto) -> bool:
    """Tell whether a node takes the first token: (texts, tokens, hidden) → (texts, hidden)."""
    axis = next((one.i for one in node.attribute if one.name == "axis"), 0)
    if node.op_type != "Gather" or axis != 1:
        return False
    index = next((one for one in graph.initializer if one.name == node.input[1]), None)
    return index is not None and numpy_helper.to_array(index).tolist() == 0


def _move_into_branch(graph: GraphProto) -> None:
    """Give token_logits only where the optional input asks for them, else an empty tensor."""
    output = next(one for one in graph.output if one.name == _TOKEN_LOGITS)
    always = {name for node in _find_needed(graph, [_LOGITS]) for name in node.output}
    moved = [node for node in graph.node if not always.intersection(node.output)]
    for node in moved:
        for place, name in enumerate(node.output):
            if name == _TOKEN_LOGITS:
                node.output[place] = f"{name}_of_all"
    wanted = helper.make_tensor_value_info(f"{_TOKEN_LOGITS}_of_all", TensorProto.FLOAT, None)
    empty = numpy_helper.from_array(np.zeros((0, 0), dtype=np.float32))
    nothing = helper.make_node("Constant", [], ["no_tokens"], value=empty)
    unwanted = helper.make_tensor_value_info("no_tokens", TensorProto.FLOAT, [0, 0])
    branch = helper.make_node(
        "If",
        [WITH_TOKENS],
        [output.name],
        then_branch=helper.make_graph(moved, "tokens", [], [wanted]),
        else_branch=helper.make_graph([nothing], "no tokens", [], [unwanted]),
    )
    kept = [node for node in graph.node if always.intersection(node.output)]
    _replace_nodes(graph, [*kept, branch])
    graph.input.append(helper.make_tensor_value_info(WITH_TOKENS, TensorProto.BOOL, []))
    graph.initializer.append(numpy_helper.from_array(np.array(False), WITH_TOKENS))


def _find_makers(graph: GraphProto) -> dict[str, NodeProto]:
    return {name: node for node in graph.node for name in node.output}


def _find_needed(graph: GraphProto, names: Iterable[str]) -> list[NodeProto]:
    """Return the nodes that some tensors need, in their order."""
    makers = _find_makers(graph)
    found, left = set(), list(names)
    while left:
        name = left.pop()
        if name in makers and name not in found:
            left += makers[name].input
        found.add(name)
    return [node for node in graph.node if found.intersection(node.output)]


def _find_names(graph: GraphProto, names: Iterable[str]) -> set[str]:
    """Return the names of some tensors and of all that is needed to make them."""
    return {name for node in _find_needed(graph, names) for name in node.output}


def _drop_unused(graph: GraphProto) -> None:
    """Leave out nodes and constants that no output needs."""
    nodes = _find_needed(graph, [one.name for one in graph.output])
    _replace_nodes(graph, nodes)
    inside = [sub for node in nodes for one in node.attribute for sub in one.g.node]
    used = {name for node in [*nodes, *inside] for name in node.input}
    constants = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(constants)


def _replace_nodes(graph: GraphProto, nodes: Iterable[NodeProto]) -> None:
    kept = [copy.deepcopy(node) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)
