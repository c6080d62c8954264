"""Test the reference stores for AWS services, on moto in a separate process."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import threading
import uuid
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("zohocrmsdk", reason="needs the SDK of the six-method generation")
pytest.importorskip("boto3", reason="needs boto3")
pytest.importorskip("moto", reason="no moto server to judge it on; pip install 'moto[server]'")

import boto3
from botocore.errorfactory import ClientExceptionsFactory
from botocore.exceptions import ClientError
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.crm.api.exception.sdk_exception import SDKException

from reference_stores.zohocrmsdk import dynamodb_store, secrets_manager_store
from reference_stores.zohocrmsdk.dynamodb_store import DynamoDBStore
from reference_stores.zohocrmsdk.secrets_manager_store import SecretsManagerStore
from tests.drivers.in_process import judge_of
from tests.drivers.pytest_run import CLAUSES, Judge, refused
from tests.logins import accesses, at_once, token_of
from tests.stores import encrypted
from tests.test_docs import blocks
from tokenstore_conformance.__main__ import main
from tokenstore_conformance.target import resolve
from tokenstore_conformance.target.bundled import aws
from tokenstore_conformance.target.session import Sessions

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"dynamodb": aws.DynamoDB, "secrets-manager": aws.SecretsManager}
ENCRYPTED = [
    f"{encrypted.__name__}:{each.__name__}"
    for each in (encrypted.OverDynamoDB, encrypted.OverSecretsManager)
]


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    """The URL of the proxy in front of moto."""
    sessions = Sessions()
    sessions.begin(resolve("dynamodb"))
    yield os.environ[aws.PROXY]
    assert sessions.end() == []


@pytest.fixture
def judge(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Runs pytest without the URL of these tests' proxy in the environment."""
    monkeypatch.delenv(aws.PROXY, raising=False)
    return judge


@pytest.fixture
def dynamodb(proxy: str, tmp_path: Path) -> Iterator[aws.DynamoDB]:
    """A harness with its own table."""
    yield from made(aws.DynamoDB, tmp_path)


@pytest.fixture
def secrets_manager(proxy: str, tmp_path: Path) -> Iterator[aws.SecretsManager]:
    """A harness with its own secret."""
    yield from made(aws.SecretsManager, tmp_path)


@pytest.fixture(params=TARGETS)
def place(request: pytest.FixtureRequest, proxy: str, tmp_path: Path) -> Iterator[aws.OnAWS]:
    """Each harness in turn: one with a table, one with a secret."""
    yield from made(TARGETS[request.param], tmp_path)


def made(kind: type[aws.OnAWS], directory: Path) -> Iterator[Any]:
    harness = kind(directory, f"tokenstore_{uuid.uuid4().hex[:12]}")
    harness.set_up()
    yield harness
    harness.tear_down()


@contextmanager
def moto_server() -> Iterator[str]:
    """Start moto's own server, as a user does to keep it running, and yield its URL."""
    code = (
        "import socket\n"
        "from moto.server import ThreadedMotoServer\n"
        "server = ThreadedMotoServer(port=0, verbose=False)\n"
        "server.start()\n"
        "print(server.get_host_and_port()[1], flush=True)\n"
        "input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The URL of a server that is already running."""
    with moto_server() as url:
        yield url


# -- judged ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("target", [*TARGETS, *ENCRYPTED], ids=lambda each: each.rpartition(":")[2])
def test_the_clauses_that_a_server_makes_hard(target: str, proxy: str, tmp_path: Path) -> None:
    """These are exact keys, all characters, a second store over the same place, and an outage."""
    clauses = ["SAVE-1", "DATA-2", "DUR-1", "ERR-1", "ERR-2"]

    with contextlib.closing(judge_of(resolve(target), tmp_path, clauses=clauses)) as judged:
        messages = {id: judged.judge(id).message for id in clauses}

    assert messages == dict.fromkeys(clauses, "")


@pytest.mark.nightly
@pytest.mark.parametrize("target", [*TARGETS, ENCRYPTED[0]])  # the other does not fit into a secret
def test_every_clause(target: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stores keep every clause under --tokenstore-strict, with all capabilities."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    result = judge(
        f"--tokenstore={target}", "--tokenstore-generation=zohocrmsdk", "--tokenstore-strict"
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["CONFORMANT*"])


@pytest.mark.slow
def test_nothing_is_left_behind(
    elsewhere: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server that is already running, a run removes every table and secret that it makes."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)

    result = judge(
        *(f"--tokenstore={each}" for each in TARGETS),
        *("--tokenstore-generation=zohocrmsdk", "-k", "LIST-1 or DUR-1"),
    )

    assert result.ret == pytest.ExitCode.OK
    options = {"endpoint_url": elsewhere, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    tables = boto3.client("dynamodb", **options, **keys).list_tables()
    secrets = boto3.client("secretsmanager", **options, **keys).list_secrets()
    assert tables["TableNames"] == []
    assert secrets["SecretList"] == []


# -- where it cannot be judged ---------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_no_server(target: str, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to start a server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    result = judge(f"--tokenstore={target}", "--tokenstore-generation=zohocrmsdk")

    refused(
        result,
        f"{target}: *no server answers at http://127.0.0.1:1; start one: docker compose up -d*",
    )


def test_neither_a_server_nor_moto(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to install."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(aws, "find_spec", lambda _: None)

    result = judge("--tokenstore=dynamodb", "--tokenstore-generation=zohocrmsdk")

    refused(result, "dynamodb: *pip install 'moto[server]'*AWS_ENDPOINT_URL=http://127.0.0.1:5000*")


@pytest.mark.parametrize("target", TARGETS)
def test_no_library(
    target: str, elsewhere: str, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what to install."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)
    module = f"reference_stores.zohocrmsdk.{target.replace('-', '_')}_store"
    monkeypatch.delitem(sys.modules, module)
    for each in ["boto3", *(name for name in sys.modules if name.startswith("boto3."))]:
        monkeypatch.setitem(sys.modules, each, None)

    result = judge(f"--tokenstore={target}", "--tokenstore-generation=zohocrmsdk")

    refused(result, f"{target}: *pip install 'tokenstore-conformance[{target}]'*")


# -- the proxy -------------------------------------------------------------------------------------


def item(name: str, value: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": name}, "value": {"S": value}}


def test_one_of_two_conditional_writes_wins(dynamodb: aws.DynamoDB, proxy: str) -> None:
    """Only one request at a time changes an item, as on DynamoDB."""
    client = aws.client_of("dynamodb", proxy)
    refused = client.exceptions.ConditionalCheckFailedException  # read once: it is not thread-safe
    winners: list[str] = []

    def put(name: str) -> None:
        with suppress(refused):
            client.put_item(
                TableName=dynamodb.namespace,
                Item=item("only", name),
                ConditionExpression="attribute_not_exists(pk)",
            )
            winners.append(name)

    at_once(*(partial(put, name) for name in "abcdefgh"))

    assert len(winners) == 1


def test_a_transaction_that_fails_changes_nothing(dynamodb: aws.DynamoDB, proxy: str) -> None:
    """It neither puts nor deletes an item."""
    client, name = aws.client_of("dynamodb", proxy), dynamodb.namespace
    for each in ("old", "gone"):
        client.put_item(TableName=name, Item=item(each, "before"))

    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": name, "Item": item("old", "after")}},
                {"Put": {"TableName": name, "Item": item("new", "after")}},
                {"Delete": {"TableName": name, "Key": {"pk": {"S": "gone"}}}},
                {
                    "ConditionCheck": {
                        "TableName": name,
                        "Key": {"pk": {"S": "nobody"}},
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )

    found = client.scan(TableName=name)["Items"]
    assert sorted((each["pk"]["S"], each["value"]["S"]) for each in found) == [
        ("gone", "before"),
        ("old", "before"),
    ]


def test_an_outage_is_that_of_one_storage(place: aws.OnAWS, tmp_path: Path) -> None:
    """During the outage of one storage, another works. Afterwards the first has all its tokens."""
    store = place.open()
    store.save_token(token_of("user"))
    for other in made(type(place), tmp_path):
        with place.outage():
            other.open().save_token(token_of("other"))
            with pytest.raises(SDKException) as raised:
                store.get_tokens()
            assert accesses(other.open()) == {"other": "access"}

    assert raised.value.cause is raised.value.__cause__ is not None
    assert accesses(store) == {"user": "access"}


# -- both stores -----------------------------------------------------------------------------------


def test_logins_at_the_same_moment(place: aws.OnAWS) -> None:
    """All machines save a shared user and their own users at once. Nothing is doubled or lost."""
    machines = {name: place.open() for name in "abcd"}

    def log_in(name: str) -> None:
        for number in range(4):
            machines[name].save_token(token_of("everywhere", f"{name}{number}"))
            machines[name].save_token(token_of(f"{name}{number}"))

    at_once(*(partial(log_in, name) for name in machines))

    users = {f"{name}{number}" for name in machines for number in range(4)}
    assert accesses(machines["a"]).keys() == {"everywhere", *users}


def test_a_login_without_a_name_at_the_same_moment(place: aws.OnAWS) -> None:
    """Only the revision prevents a token without a user from being stored twice."""
    machines = [place.open() for _ in range(4)]

    for number in range(4):
        tokens = [token_of(None, grant_token=f"grant {number}") for _ in machines]
        each_its_own = zip(machines, tokens, strict=True)
        at_once(*(partial(store.save_token, token) for store, token in each_its_own))

    assert len(machines[0].get_tokens()) == 4


def test_all_threads_create_it_at_once(place: aws.OnAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    """If two threads are the first to ask, botocore creates its exception classes twice."""
    made = ClientExceptionsFactory._create_client_exceptions
    both = threading.Barrier(2)

    def slowly(*arguments: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            both.wait(1)
        return made(*arguments)

    monkeypatch.setattr(ClientExceptionsFactory, "_create_client_exceptions", slowly)
    store = place.open()
    create = getattr(store, "create_table", None) or store.create_secret

    for module in (dynamodb_store, secrets_manager_store):
        module._client_of.cache_clear()
    assert store.get_tokens() == []  # this makes a new client, which has seen no error yet

    at_once(create, create)


def test_a_client_is_shared_until_a_fork() -> None:
    """Stores in a process share a client, because it is slow to create. A child has its own."""
    for module in (dynamodb_store, secrets_manager_store):
        options = {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:1"}

        ours, again, child = (module._client_of(process, **options) for process in (1, 1, 2))

        assert ours is again
        assert ours is not child


def test_what_cannot_be_stored_is_not_shown(dynamodb: aws.DynamoDB) -> None:
    """Invalid Unicode text is refused. It is not stored, and appears in no message."""
    store = dynamodb.open()

    with pytest.raises(SDKException) as raised:
        store.save_token(token_of("user", grant_token="sec\ud800"))

    assert "sec" not in f"{raised.value}{raised.value.__cause__!r}"
    assert store.get_tokens() == []


@pytest.mark.parametrize("kind", [DynamoDBStore, SecretsManagerStore])
def test_no_such_place(kind: Any, proxy: str) -> None:
    """The cause is the service's error, which says what is missing."""
    store = kind("nowhere", endpoint_url=proxy)

    with pytest.raises(SDKException, match="cannot be listed") as raised:
        store.get_tokens()

    assert isinstance(raised.value.cause, ClientError)
    assert "ResourceNotFound" in str(raised.value.cause)


def test_tokens_move_from_one_to_the_other(
    dynamodb: aws.DynamoDB,
    secrets_manager: aws.SecretsManager,
    proxy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`move` takes the names of a table and a secret, and the client's own variables."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy)
    token = token_of("user")
    token.set_expires_in("1893456000000")
    secrets_manager.open().save_token(token)
    places = f"secrets-manager:{secrets_manager.namespace}", f"dynamodb:{dynamodb.namespace}"

    status = main(["move", *places, "--generation=zohocrmsdk"])

    for module in (dynamodb_store, secrets_manager_store):
        module._client_of.cache_clear()
    assert status == 0
    assert accesses(dynamodb.open()) == {"user": "access"}


# -- DynamoDB --------------------------------------------------------------------------------------


def test_no_secret_is_in_a_key(dynamodb: aws.DynamoDB, proxy: str) -> None:
    """Metrics and messages show the keys of items, so a key has only a digest of a token."""
    dynamodb.open().save_token(token_of("user", "an access token", grant_token="a grant token"))

    items = aws.client_of("dynamodb", proxy).scan(TableName=dynamodb.namespace)["Items"]
    keys = " ".join(each["pk"]["S"] for each in items)

    assert len(items) == 6
    assert [each for each in ("user ", "access token", "grant token", " of ") if each in keys] == []


def test_more_tokens_than_a_transaction_takes(dynamodb: aws.DynamoDB, proxy: str) -> None:
    """All tokens are deleted, with all their items."""
    store = dynamodb.open()
    for number in range(dynamodb_store._AT_ONCE + 1):
        store.save_token(token_of(f"user {number}", grant_token="shared"))

    store.delete_tokens()

    items = aws.client_of("dynamodb", proxy).scan(TableName=dynamodb.namespace)["Items"]
    assert store.get_tokens() == []
    assert [each["pk"]["S"] for each in items] == ["revision"]


def test_an_update_leaves_no_old_key(dynamodb: aws.DynamoDB) -> None:
    """A replaced token finds nothing, and a shared one finds the logins that have it."""
    store = dynamodb.open()
    store.save_token(token_of("user", "old"))
    store.save_token(token_of("user", "new"))
    store.save_token(token_of("other", "new"))

    assert store.find_token(OAuthToken(access_token="old")) is None
    assert store.find_token(OAuthToken(access_token="new")).get_access_token() == "new"
    (user, other) = sorted(accesses(store))
    assert (other, user) == ("user", "other")


@pytest.mark.parametrize("call", ["get_tokens", "save_token"])
def test_others_that_write_all_the_time(
    dynamodb: aws.DynamoDB, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that never gets its turn gives up with an error, and changes nothing."""
    store, other = dynamodb.open(), dynamodb.open()
    monkeypatch.setattr(dynamodb_store, "_TRIES", 3)
    held = store._held

    def overtaken(*places: str) -> Any:
        found = held(*places)
        other.save_token(token_of("other", uuid.uuid4().hex))
        return found

    monkeypatch.setattr(store, "_held", overtaken)

    with pytest.raises(SDKException, match="other writes came between, 3 times"):
        store.get_tokens() if call == "get_tokens" else store.save_token(token_of("user"))

    assert accesses(other).keys() == {"other"}


# -- Secrets Manager -------------------------------------------------------------------------------


def test_a_save_that_changes_nothing_is_free(
    secrets_manager: aws.SecretsManager, proxy: str
) -> None:
    """It makes no version, because a secret may have only about a hundred a day."""
    store = secrets_manager.open()
    store.save_token(token_of("user"))
    before = versions(secrets_manager, proxy)

    store.save_token(token_of("user"))
    store.delete_token("unknown")

    assert versions(secrets_manager, proxy) == before


def versions(place: aws.SecretsManager, proxy: str) -> dict[str, list[str]]:
    described = aws.client_of("secretsmanager", proxy).describe_secret(SecretId=place.namespace)
    return described["VersionIdsToStages"]  # type: ignore[no-any-return]


def test_labels_do_not_pile_up(secrets_manager: aws.SecretsManager, proxy: str) -> None:
    """A secret may have twenty labels, and a save that is overtaken leaves its version behind."""
    stores = [secrets_manager.open() for _ in range(4)]
    for number in range(3):
        at_once(*(partial(each.save_token, token_of("user", str(number))) for each in stores))

    labels = [label for stages in versions(secrets_manager, proxy).values() for label in stages]
    assert sorted(labels) == ["AWSCURRENT", "AWSPREVIOUS", "NEXT"]


def test_more_than_a_secret_holds(
    secrets_manager: aws.SecretsManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SDKException says how large the content is, and nothing changes."""
    store = secrets_manager.open()
    store.save_token(token_of("user"))

    with pytest.raises(SDKException, match="and a secret has 65,536"):
        store.save_token(token_of("other", os.urandom(60_000).hex()))

    assert accesses(store) == {"user": "access"}


def test_a_secret_that_holds_something_else(
    secrets_manager: aws.SecretsManager, proxy: str
) -> None:
    """The store raises SDKException. The secret keeps its content, which is in no message."""
    client, name = aws.client_of("secretsmanager", proxy), secrets_manager.namespace
    client.put_secret_value(SecretId=name, SecretString="a password")

    with pytest.raises(SDKException) as raised:
        secrets_manager.open().save_token(token_of("user"))

    assert "password" not in f"{raised.value}{raised.value.__cause__!r}"
    assert client.get_secret_value(SecretId=name)["SecretString"] == "a password"


# -- to copy ---------------------------------------------------------------------------------------

FILES = {"dynamodb_store": "create_table", "secrets_manager_store": "create_secret"}
CLASSES = {"dynamodb_store": "DynamoDBStore", "secrets_manager_store": "SecretsManagerStore"}
SOME = ("--tokenstore=stores:store", "--tokenstore-strict", "-k", "SAVE-1[ or FIND-1[ or DUR-1")
CLIENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def project_with(file: str, directory: Path) -> None:
    """Write a project with a copy of the file and a factory of its store."""
    shutil.copy(ROOT / f"reference_stores/zohocrmsdk/{file}.py", directory / f"copied_{file}.py")
    (directory / "stores.py").write_text(
        f"from copied_{file} import {CLASSES[file]}\n\n\n"
        f"def store(namespace):\n    made = {CLASSES[file]}(namespace)\n    made.{FILES[file]}()\n"
        "    yield made\n    made.delete_tokens()\n",
        "utf-8",
    )


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_one_file_in_an_empty_project(
    file: str,
    elsewhere: str,
    judge: Judge,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that was copied into an empty project is judged there."""
    project_with(file, pytester.path)
    for name, value in {**CLIENT, "AWS_ENDPOINT_URL": elsewhere}.items():
        monkeypatch.setenv(name, value)

    result = judge(*SOME)

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["MUST*0 failed"])


@pytest.mark.nightly
@pytest.mark.parametrize("file", FILES)
def test_one_file_and_its_one_library(file: str, elsewhere: str, tmp_path: Path) -> None:
    """A copied file is judged where only the kit, an SDK and boto3 are installed."""
    project_with(file, tmp_path)
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", f"{ROOT}[zohocrmsdk]", "boto3"]
    subprocess.run(install, check=True)

    done = subprocess.run(
        [python, "-m", "pytest", "-q", *SOME],
        cwd=tmp_path,
        env={**os.environ, **CLIENT, "AWS_ENDPOINT_URL": elsewhere},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


# -- the page --------------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "aws.md"
LINES = [line for block in blocks(PAGE, "sh") for line in block.commands]


@pytest.mark.parametrize("line", [line for line in LINES if " copy " in line])
def test_the_page_copies_a_store(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command writes the file of one of the stores."""
    monkeypatch.chdir(tmp_path)

    status = main([*shlex.split(line)[3:], "--generation=zohocrmsdk"])

    (written,) = tmp_path.iterdir()
    assert status == 0
    assert written.stem in FILES


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in LINES if "pytest" in line])
def test_the_page_judges_a_store(
    line: str, elsewhere: str, judge: Judge, pytester: pytest.Pytester, monkeypatch: Any
) -> None:
    """Each command works for some clauses. The store that the page copies is in the directory."""
    (block,) = blocks(PAGE, "python")
    assert block.file
    (pytester.path / block.file).write_text(block.text, "utf-8")
    shutil.copy(ROOT / "reference_stores/zohocrmsdk/dynamodb_store.py", pytester.path)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    words = shlex.split(line)
    if words[0].startswith("AWS_ENDPOINT_URL="):
        monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)
        words = words[1:]

    result = judge(*words[1:], "--tokenstore-generation=zohocrmsdk", "-k", "SAVE-1[ or DUR-1")

    assert words[0] == "pytest"
    result.assert_outcomes(passed=2, deselected=CLAUSES - 2)


def test_the_page_installs_what_there_is() -> None:
    """The other commands of the page name an extra and a service of this repository."""
    others = [line for line in LINES if "pytest" not in line and " copy " not in line]

    assert [line.split()[0] for line in others] == ["pip", "docker"]
    assert "\ndynamodb = [" in (ROOT / "pyproject.toml").read_text("utf-8")
    assert "\n  moto:\n" in (ROOT / "compose.yaml").read_text("utf-8")
