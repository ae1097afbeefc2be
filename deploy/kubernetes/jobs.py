"""What runs once a version, before its services: `migrate`, and `topics` where Kafka's rules are made by us."""

from collections.abc import Sequence
from typing import Any, Final

from deploy.kubernetes.pods import (
    COMMON,
    SECRETS,
    Secret,
    account,
    database_password,
    environment,
    kafka_password,
    labels,
    metadata,
    pod,
)

COMPONENT: Final = "job"
DATABASE_ADMIN: Final[Secret] = ("database-admin", "url", "database-admin-url")
KAFKA_ADMIN: Final[Secret] = ("kafka-admin", "password", "kafka-admin-password")


def jobs(names: Sequence[str]) -> list[dict[str, Any]]:
    """Each is given the passwords of all services: it hands them to PostgreSQL, or looks whose rules it makes."""
    return [
        *_job(
            "migrate",
            [*COMMON, DATABASE_ADMIN, *map(database_password, names)],
            POSTULO_DATABASE_ADMIN_URL_FILE=f"{SECRETS}/{DATABASE_ADMIN[2]}",
        ),
        *_job(
            "topics",
            [*COMMON, KAFKA_ADMIN, *map(kafka_password, names)],
            POSTULO_KAFKA_ADMIN_USER="postulo-admin",
            POSTULO_KAFKA_ADMIN_PASSWORD_FILE=f"{SECRETS}/{KAFKA_ADMIN[2]}",
        ),
    ]


def _job(name: str, secrets: Sequence[Secret], **settings: str) -> list[dict[str, Any]]:
    container = {
        "command": ["python", "-m", "services", name],
        **environment(**settings),
        "resources": {"requests": {"cpu": "100m", "memory": "160Mi"}, "limits": {"memory": "384Mi"}},
    }
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(name, COMPONENT),
        "spec": {
            "backoffLimit": 6,
            "activeDeadlineSeconds": 1800,
            "ttlSecondsAfterFinished": 86400,
            "template": {
                "metadata": {"labels": labels(name, COMPONENT)},
                "spec": {"restartPolicy": "OnFailure", **pod(name, container, secrets)},
            },
        },
    }
    return [account(name, COMPONENT), job]
