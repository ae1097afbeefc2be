"""The embedded PostgreSQL and Kafka: they start, keep their data, and come back after they were killed."""

import asyncpg

from deploy.local.kafka import would_create_topics
from deploy.local.servers import Servers


async def test_a_test_run_has_postgresql_18_and_a_kafka_that_creates_topics(servers: Servers) -> None:
    connection = await asyncpg.connect(servers.database_url)
    assert str(await connection.fetchval("show server_version")).startswith("18")
    await connection.close()
    assert await would_create_topics(servers.kafka)
