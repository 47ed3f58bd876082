"""Dask as it is used here: mutual TLS, nothing to look at over the network, numbers alone."""

import logging
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster, Security

PORT = 8786
_GREETING_S = 10.0
GPU = "GPU"
# Services for people to look at are not begun; what is left of them listens here, and says nothing.
NO_DASHBOARD = "127.0.0.1:0"

_SETTINGS = {
    # Crowds of lost machines are no fault of a shard: the ledger counts its own failures.
    "distributed.scheduler.allowed-failures": 100,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.comm.tls.min-version": 1.3,
}


class ConnectionRefusedHereError(Exception):
    """An address or certificates that cannot be used."""


def set_up() -> None:
    """Settings of this process and of those that it begins."""
    dask.config.set(_SETTINGS)


def certificate(folder: Path | None) -> Security | None:
    """Mutual TLS by what `certificates` made in a folder."""
    if folder is None:
        return None
    ca, machine, key = (str(folder / name) for name in ("ca.pem", "machine.pem", "machine-key.pem"))
    for path in (ca, machine, key):
        if not Path(path).is_file():
            raise ConnectionRefusedHereError(
                f"cannot read {path}: make the folder with scripts/cluster/certificates, and take "
                "it to each machine"
            )
    return Security(
        tls_ca_file=ca,
        tls_scheduler_cert=machine,
        tls_scheduler_key=key,
        tls_worker_cert=machine,
        tls_worker_key=key,
        tls_client_cert=machine,
        tls_client_key=key,
        require_encryption=True,
    )


def check_address(address: str, certificates: Path | None) -> None:
    """Only this machine may be spoken to in the open."""
    parts = urlsplit(address)
    scheme, host = parts.scheme, parts.hostname
    if host is None or parts.port is None or scheme not in ("tls", "tcp"):
        raise ConnectionRefusedHereError(
            f"cannot use {address}: give tls://HOST:PORT, as scripts/cluster/head prints it"
        )
    if scheme == "tls" and certificates is None:
        raise ConnectionRefusedHereError(
            f"cannot speak to {address} without certificates: give --certificates DIR"
        )
    if scheme == "tcp" and host not in ("127.0.0.1", "localhost"):
        raise ConnectionRefusedHereError(
            f"cannot speak to {address}: in the open only to 127.0.0.1; give tls://, and "
            "--certificates DIR"
        )


def greet(address: str, certificates: Path | None) -> None:
    """Sees whether a scheduler lets us in, before Dask tries it for ever.

    `OSError` where it does not answer, and an error of its own where it knows no such certificate.
    """
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), _GREETING_S) as plain:
        if certificates is None:
            return
        context = ssl.create_default_context(cafile=certificates / "ca.pem")
        context.check_hostname = False
        context.load_cert_chain(certificates / "machine.pem", certificates / "machine-key.pem")
        try:
            with context.wrap_socket(plain) as encrypted:
                encrypted.recv(1)
        except ssl.SSLError as error:
            raise ConnectionRefusedHereError(
                f"{address} has other certificates than {certificates}: give those of its head "
                f"({error.reason})"
            ) from error


def local(workers: int) -> LocalCluster:
    """A cluster within this process: no port that works, and children that die with it."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        memory_limit=0,
        dashboard_address=NO_DASHBOARD,
        worker_dashboard_address=NO_DASHBOARD,
        silence_logs=logging.CRITICAL,
    )


def connect(address: str, certificates: Path | None, timeout_s: float) -> Client:
    """A client of a scheduler that runs; `OSError` where it does not answer."""
    return Client(
        address, security=certificate(certificates), timeout=timeout_s, set_as_default=False
    )
