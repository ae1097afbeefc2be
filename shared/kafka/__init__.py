"""Kafka: the relay that publishes, the consumers that listen, topics, and the rebuilding of views from them."""
