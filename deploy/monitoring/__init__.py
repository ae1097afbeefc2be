"""What Prometheus and Grafana are told: where the metrics are, what is alarming, and what to draw."""
