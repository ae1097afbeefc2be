"""The conformance kit: what Kafka may do to a subscriber, played at the subscriber's own handler over HTTP."""
