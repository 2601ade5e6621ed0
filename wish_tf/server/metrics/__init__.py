"""Metrics as TF-Serving shows them to Prometheus."""

from wish_tf.server.metrics.monitoring_config import MonitoringConfig
from wish_tf.server.metrics.server_metrics import ServerMetrics

__all__ = ["MonitoringConfig", "ServerMetrics"]
