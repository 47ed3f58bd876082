import stat
import subprocess
from pathlib import Path

import pytest

from rams_cluster.engine import ConnectionRefusedHereError, certificate, check_address
from tests.machines import CLUSTER


def make(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(CLUSTER / "certificates"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_certificates_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    assert make(folder).returncode == 0
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == ["ca.pem", "machine-key.pem", "machine.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    verify = ["openssl", "verify", "-CAfile", str(files[0]), str(files[2])]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0
    before = files[2].read_bytes()
    again = make(folder)
    assert again.returncode == 1
    assert "has certificates already" in again.stderr
    assert files[2].read_bytes() == before
    assert certificate(folder) is not None


def test_a_certificate_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectionRefusedHereError, match=r"ca\.pem"):
        certificate(tmp_path)


@pytest.mark.parametrize(
    ("address", "certificates", "allowed"),
    [
        ("tls://desk1:8786", Path("c"), True),
        ("tls://desk1:8786", None, False),
        ("tcp://127.0.0.1:8786", None, True),
        ("tcp://desk1:8786", None, False),
        ("tcp://desk1:8786", Path("c"), False),
        ("desk1:8786", Path("c"), False),
        ("tls://desk1", Path("c"), False),
    ],
)
def test_in_the_open_only_to_this_machine(
    address: str, certificates: Path | None, allowed: bool
) -> None:
    if allowed:
        check_address(address, certificates)
    else:
        with pytest.raises(ConnectionRefusedHereError, match=address):
            check_address(address, certificates)
