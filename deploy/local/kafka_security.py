"""The embedded Kafka behind TLS and a login: a user made with its data, certificates made at each start."""

from collections.abc import Mapping
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from deploy.local.folder import secret
from deploy.local.trouble import Trouble

USER = "postulo"
SUBSCRIBER = "subscriber"
SERVICES = Path(__file__).resolve().parents[2] / "services"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256")
OPEN = {"kafka_security": "plaintext", "kafka_user": "", "kafka_password": "", "kafka_ca": ""}
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def users(folder: Path) -> list[str]:
    """What formats a new data folder with a user whose password is kept in it."""
    password = _password(folder)
    return [f"--add-scram={mechanism}=[name={USER},password={password}]" for mechanism in MECHANISMS]


def listener(folder: Path, port: int, controller: int) -> Mapping[str, str]:
    """Settings of a broker that everybody, itself included, reaches by TLS and login alone; raises Trouble."""
    if not _password_file(folder).exists():
        raise Trouble(
            f"The Kafka data in {folder} was made without a user, so it cannot be spoken to by sasl_ssl.",
            f"Delete {folder} and start again: the services publish everything anew from PostgreSQL.",
        )
    certificate, authority = _certificates(folder)
    password = _password(folder)
    login = f'username="{USER}" password="{password}"'
    jaas = {each.lower(): f"{SCRAM} required {login};" for each in MECHANISMS}
    users = {USER: password, **{user: secret(_users(folder) / name) for name, user in _names().items()}}
    jaas["plain"] = (
        f"{PLAIN} required {login} " + " ".join(f'user_{name}="{word}"' for name, word in users.items()) + ";"
    )
    return {
        "listeners": f"SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"SASL_SSL://127.0.0.1:{port}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.mechanism.inter.broker.protocol": MECHANISMS[0],
        "sasl.enabled.mechanisms": ",".join((*MECHANISMS, "PLAIN")),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificate),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{USER};User:ANONYMOUS",  # The controller's own listener, on loopback, asks for no login.
        **{f"listener.name.sasl_ssl.{name}.sasl.jaas.config": line for name, line in jaas.items()},
    }


def access(folder: Path, security: str) -> dict[str, str]:
    """The settings of those who are to be let in, whatever the environment sets."""
    if security == "plaintext":
        return OPEN
    return {
        "kafka_security": "sasl_ssl",
        "kafka_mechanism": MECHANISMS[0],
        "kafka_user": USER,
        "kafka_password": _password(folder),
        "kafka_ca": str(folder.resolve() / "ca.pem"),
    }


def services_access(folder: Path, security: str) -> dict[str, str]:
    """The settings of the services, each a user of its own, and of who lets them and a subscriber in."""
    if security == "plaintext":
        return OPEN
    return {
        **access(folder, security),
        "kafka_mechanism": "PLAIN",
        "kafka_user": "postulo-{service}",
        "kafka_password": "",
        "kafka_passwords": str(_users(folder).resolve()),
        "kafka_admin_user": USER,
        "kafka_admin_password": _password(folder),
        "kafka_readers": SUBSCRIBER,
    }


def _names() -> dict[str, str]:
    """Who is let in beside the administrator, by the name of the file with the password."""
    return {
        **{each.parent.name: f"postulo-{each.parent.name}" for each in SERVICES.glob("*/main.py")},
        SUBSCRIBER: SUBSCRIBER,
    }


def _users(folder: Path) -> Path:
    users = folder / "users"
    users.mkdir(mode=0o700, exist_ok=True)
    return users


def _password(folder: Path) -> str:
    return secret(_password_file(folder))


def _password_file(folder: Path) -> Path:
    return folder / "password"


def _certificates(folder: Path) -> tuple[Path, Path]:
    """The broker's, with its key, and the one of the authority that signed it; nobody keeps that one's key."""
    certificate, authority = folder / "broker.pem", folder / "ca.pem"
    made = trustme.CA()
    issued = made.issue_cert("127.0.0.1")
    key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
    certificate.touch(mode=0o600)
    certificate.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # The only form that Java reads.
        + b"".join(each.bytes() for each in issued.cert_chain_pems)
    )
    made.cert_pem.write_to_path(str(authority))
    return certificate, authority
