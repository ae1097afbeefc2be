"""Logs, metrics, context, tasks."""
