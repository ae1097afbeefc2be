"""The embedded platform: PostgreSQL, Kafka, a mailbox and all services on one machine, started by one command."""
