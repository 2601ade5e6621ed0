"""gRPC: `tensorflow.serving.ModelService`."""

from __future__ import annotations

from typing import Any

import grpc
from tensorflow_serving.apis import (
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
)

from wish_tf.server.grpc_errors import grpc_errors
from wish_tf.server.model_config_file import model_configs
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.model_spec import read_model_spec
from wish_tf.server.serving_error import invalid_argument


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """Reports on the models and changes which are served."""

    def __init__(self, manager: ModelManager) -> None:
        """Binds the service to models.

        Args:
            manager: The models.
        """
        self._manager = manager

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        """States of the versions of a model."""
        with grpc_errors(context):
            response = get_model_status_pb2.GetModelStatusResponse()
            for status in self._manager.statuses(*read_model_spec(request)):
                entry = response.model_version_status.add()
                entry.version = status.version
                entry.state = status.state.value
                entry.status.error_code = status.error_code.value
                entry.status.error_message = status.error_message
            return response

    def HandleReloadConfigRequest(
        self, request: Any, context: grpc.ServicerContext
    ) -> Any:
        """Changes the models; answers when the change is done."""
        with grpc_errors(context):
            if request.config.WhichOneof("config") != "model_config_list":
                raise invalid_argument(
                    "ServerModelConfig type not supported by "
                    "HandleReloadConfigRequest. Only ModelConfigList is currently "
                    "supported"
                )
            self._manager.configure(
                model_configs(request.config.model_config_list.config)
            )
            return model_management_pb2.ReloadConfigResponse()
