"""The real program on machines that share no folder, through an S3 server on this one."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines import wait_for
from tests.real import RAMS, ROOT, rams_environment

boto3 = pytest.importorskip("boto3", reason="moto cannot be installed")
pytest.importorskip("moto", reason="moto cannot be installed")
BUCKET = "front"
PLACE = f"s3://{BUCKET}/plans/may"
pytestmark = pytest.mark.skipif(RAMS is None, reason="rams is not built")


class Store:
    """A server, and programs that find it by their environment."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.environment = rams_environment() | {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_S3_ENDPOINT": address,
            "AWS_HTTPS": "NO",
            "AWS_VIRTUAL_HOSTING": "FALSE",
        }
        # Of another make than what is tested.
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://{address}",
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self.client.create_bucket(Bucket=BUCKET)

    def rams(self, *words: object, cwd: Path | None = None) -> tuple[int, str]:
        done = subprocess.run(
            [str(RAMS), *map(str, words)],
            env=self.environment,
            cwd=cwd or self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr + done.stdout

    def plan(self, out: str, *more: object) -> tuple[int, str]:
        """Of a scene in the store, in some shards."""
        flags = ["--model", ROOT / "tests/models/red-boxes", "--shard-mp", "0.1", "--device", "cpu"]
        return self.rams("plan", f"/vsis3/{BUCKET}/scene.tif", *flags, "-o", out, *more)

    def objects(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=BUCKET, Prefix="plans/").get("Contents", [])
        return sorted(of["Key"].removeprefix("plans/may/") for of in listed)

    def shards(self) -> int:
        return len((self.folder / "out/shards.jsonl").read_text().splitlines())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """With a scene, and a plan of it at PLACE and in the folder `out`."""
    log = tmp_path / "s3.log"
    with log.open("w") as out:
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", "0"], stderr=out)
    try:
        wait_for(lambda: re.search(r"Running on http://([0-9.:]+)\s", log.read_text()))
        told = re.search(r"Running on http://([0-9.:]+)\s", log.read_text())
        store = Store(tmp_path, told[1] if told else "")
        assert store.rams("scene", "scene.tif", "--seed", 1, "--size", "900x900")[0] == 0
        store.client.upload_file(str(tmp_path / "scene.tif"), BUCKET, "scene.tif")
        code, text = store.plan("out", "--pieces", PLACE)
        assert code == 0, text
        yield store
    finally:
        server.kill()
        server.wait()


def test_shards_by_address_make_the_map_of_a_shared_folder(store: Store, tmp_path: Path) -> None:
    assert store.objects() == ["README.txt", "command.json", "plan.json", "shards.jsonl"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shards = store.shards()
    assert shards > 2
    for number in range(shards - 1):
        code, text = store.rams("shard", PLACE, number, cwd=elsewhere)
        assert code == 0, text
    assert not list(elsewhere.iterdir())
    code, text = store.rams("gather", "out")
    assert code == 1
    assert f"1 of {shards} shards have no piece: {shards - 1}" in text
    code, text = store.rams("shard", PLACE, 0, "--json", cwd=elsewhere)
    assert code == 0, text
    assert json.loads(text)["was_there"]
    assert store.rams("shard", "out", shards - 1)[0] == 0
    assert len([key for key in store.objects() if key.endswith(".piece")]) == shards
    assert store.rams("status", PLACE)[0] == 0
    assert store.rams("gather", "out")[0] == 0

    # The same by a loop in a folder, without a store for pieces.
    loop = tmp_path / "loop"
    loop.mkdir()
    for name in ("plan.json", "shards.jsonl", "command.json"):
        (loop / name).write_bytes((tmp_path / "out" / name).read_bytes())
    command = json.loads((loop / "command.json").read_text())
    assert command["arguments"][-2:] == ["--pieces", PLACE]
    del command["arguments"][-2:]
    (loop / "command.json").write_text(json.dumps(command))
    assert all(store.rams("shard", loop, number)[0] == 0 for number in range(shards))
    assert store.rams("gather", loop)[0] == 0
    assert (loop / "survey.gpkg").read_bytes() == (tmp_path / "out/survey.gpkg").read_bytes()


def test_what_is_not_there_or_not_whole_is_told_by_name(store: Store, tmp_path: Path) -> None:
    # Another plan is not put over it.
    code, text = store.plan("other", "--operating-point", "sensitive", "--pieces", PLACE)
    assert code == 1
    assert "/vsis3/front/plans/may/plan.json is the plan of another survey" in text
    assert not (tmp_path / "other").exists()
    store.client.put_object(Bucket=BUCKET, Key="plans/other/plan.json", Body=b"of another version")
    code, text = store.plan("other", "--pieces", f"s3://{BUCKET}/plans/other")
    assert (code, "is the plan of another survey" in text) == (1, True), text
    # A piece that was cut off in the store.
    assert all(store.rams("shard", PLACE, number)[0] == 0 for number in range(store.shards()))
    piece = next(key for key in store.objects() if key.endswith(".piece"))
    body = store.client.get_object(Bucket=BUCKET, Key=f"plans/may/{piece}")["Body"].read()
    store.client.put_object(Bucket=BUCKET, Key=f"plans/may/{piece}", Body=body[:-9])
    code, text = store.rams("gather", "out")
    assert code == 1
    assert f"cannot use /vsis3/front/plans/may/{piece}: it was cut off" in text
    # What it says to do helps.
    number = int(Path(piece).name.split("-")[0])
    code, text = store.rams("shard", PLACE, number)
    assert code == 0, text
    assert f"{PLACE}/{Path(piece).name} sealed" in text
    assert store.client.get_object(Bucket=BUCKET, Key=f"plans/may/{piece}")["Body"].read() == body
    assert store.rams("gather", "out")[0] == 0
    code, text = store.rams("shard", f"s3://{BUCKET}/plans/june", 0)
    assert (code, "cannot fetch /vsis3/front/plans/june/plan.json" in text) == (5, True), text
    code, text = store.rams("gather", PLACE)
    assert (code, "give the folder" in text) == (1, True), text
    # A store that lists nothing is not one without pieces.
    for key in store.objects():
        store.client.delete_object(Bucket=BUCKET, Key=f"plans/may/{key}")
    code, text = store.rams("status", "out")
    assert (code, "cannot list /vsis3/front/plans/may" in text) == (1, True), text
    for address, error in [
        ("s3://nowhere/plans", "cannot put /vsis3/nowhere/plans/"),
        ("https://host/plans", "give s3://BUCKET/PREFIX"),
    ]:
        code, text = store.plan(f"out-{len(address)}", "--pieces", address)
        assert (code, error in text) == (1, True), text
