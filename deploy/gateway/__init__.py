"""The gateway: one Envoy before all services, configured from one template."""
