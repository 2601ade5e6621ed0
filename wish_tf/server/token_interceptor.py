"""Asks for the bearer token in gRPC calls."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from wish_tf.server.bearer_token import BearerToken


class TokenInterceptor(grpc.ServerInterceptor):
    """Ends calls without the token with UNAUTHENTICATED."""

    def __init__(self, token: BearerToken) -> None:
        """Sets the token.

        Args:
            token: What the `authorization` metadata of a call has to hold.
        """
        self._token = token
        self._refusal = grpc.unary_unary_rpc_method_handler(_refuse)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        """Lets the call through or refuses it."""
        metadata = dict(handler_call_details.invocation_metadata)
        if self._token.accepts(metadata.get("authorization")):
            return continuation(handler_call_details)
        return self._refusal


def _refuse(request: bytes, context: grpc.ServicerContext) -> None:
    context.abort(
        grpc.StatusCode.UNAUTHENTICATED,
        "Expected a valid bearer token in the authorization metadata",
    )
