"""A client for TensorFlow Serving and for the embedded server.

REST needs nothing beyond the standard library and NumPy; what gRPC needs is imported
when it is used.
"""

from wish_tf.client.client import Client
from wish_tf.client.errors import (
    InvalidRequest,
    ModelNotFound,
    RequestTimeout,
    ServerError,
    ServerUnavailable,
)
from wish_tf.client.found_documents import FoundDocuments
from wish_tf.client.version_status import VersionStatus

__all__ = [
    "Client",
    "FoundDocuments",
    "InvalidRequest",
    "ModelNotFound",
    "RequestTimeout",
    "ServerError",
    "ServerUnavailable",
    "VersionStatus",
]
