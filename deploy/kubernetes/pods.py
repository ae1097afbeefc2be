"""What every pod of ours is like: restricted, its root file system read-only, with no secret but its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

PART: Final = {"app.kubernetes.io/part-of": "postulo"}
NAME: Final = "app.kubernetes.io/name"
COMPONENT: Final = "app.kubernetes.io/component"
SECRETS: Final = "/run/secrets/postulo"
USER: Final = 10001
"""As in the image's Dockerfile."""
GRACE_SECONDS: Final = 45
"""For a service: `POSTULO_LEAVING_SECONDS`, ten seconds for requests under way, and what its loops still finish."""

TEMPORARY: Final = {"/tmp": "256Mi"}  # noqa: S108 - the pod's own
INDEXES: Final = {"/indexes": "2Gi"}
"""POSTULO_INDEXES, for a service that keeps some: twice what a million documents take, for one that is built anew."""

Secret = tuple[str, str, str]
"""Its name, its key, and the file that a pod sees, below SECRETS."""

MASTER_KEYS: Final[Sequence[Secret]] = (
    ("master-key", "master-key", "master-key"),
    ("master-key", "before", "master-key-before"),
    ("master-key", "next", "master-key-next"),
)
"""In one secret, which changes as a whole; the second and the third are empty unless the first is being changed."""
MAIL_PASSWORD: Final[Secret] = ("smtp", "password", "smtp-password")
POSTGRES_CA: Final[Secret] = ("postgres-ca", "ca.crt", "postgres-ca.pem")
KAFKA_CA: Final[Secret] = ("kafka-cluster-ca-cert", "ca.crt", "kafka-ca.pem")
COMMON: Final = (*MASTER_KEYS, MAIL_PASSWORD, POSTGRES_CA, KAFKA_CA)


def database_password(service: str) -> Secret:
    """Of the service's own role."""
    return (f"database-{service}", "password", f"database/{service}")


def kafka_password(service: str) -> Secret:
    """Of the service's own user; Strimzi calls a user's secret as the user."""
    return (f"postulo-{service}", "password", f"kafka/{service}")


def labels(name: str, component: str) -> dict[str, str]:
    return {NAME: name, COMPONENT: component, **PART}


def metadata(name: str, component: str) -> dict[str, Any]:
    return {"name": name, "labels": labels(name, component)}


def account(name: str, component: str) -> dict[str, Any]:
    """No pod of ours speaks to the cluster's API: the account is a name for meshes and policies."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(name, component),
        "automountServiceAccountToken": False,
    }


def pod(
    name: str, container: Mapping[str, Any], secrets: Sequence[Secret], folders: Mapping[str, str] = TEMPORARY
) -> dict[str, Any]:
    """A pod's specification, with one container of our image. folders: how large its own can get, by their paths."""
    return {
        "serviceAccountName": name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": name,
                "image": "postulo",
                **container,
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    *({"name": path[1:], "mountPath": path} for path in folders),
                    {"name": "secrets", "mountPath": SECRETS, "readOnly": True},
                ],
            }
        ],
        "volumes": _volumes(secrets, folders),
    }


def _volumes(secrets: Sequence[Secret], folders: Mapping[str, str]) -> list[dict[str, Any]]:
    sources = [
        {"secret": {"name": secret, "items": [{"key": key, "path": path}]} | _optional(secret)}
        for secret, key, path in secrets
    ]
    return [
        *({"name": path[1:], "emptyDir": {"sizeLimit": size}} for path, size in folders.items()),
        {"name": "secrets", "projected": {"defaultMode": 0o440, "sources": sources}},
    ]


def _optional(secret: str) -> dict[str, bool]:
    """A mail relay may ask for no password."""
    return {"optional": True} if secret == MAIL_PASSWORD[0] else {}


def environment(**more: str) -> dict[str, Any]:
    """The settings that all share, and a container's own."""
    settings: dict[str, Any] = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
    return settings | ({"env": [{"name": name, "value": value} for name, value in more.items()]} if more else {})
