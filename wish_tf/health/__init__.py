"""When a model is healthy: the same marks for the report and the server's page."""
