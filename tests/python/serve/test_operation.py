"""What those who run the server rely on: settings, keys, logs, metrics, certificates, models that change."""
import datetime
import ipaddress
import json
import shutil
import signal
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from running_server import MODEL, ROOT

TEXT = "a secret text"


def wait_until(condition, seconds=30):
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "did not come about"
        time.sleep(0.02)


def run_serve(*arguments):
    return subprocess.run([ROOT / "build/valence", "serve", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)


# ---- settings ---------------------------------------------------------------------------------


def test_settings_from_a_file_and_behind_it(serve, tmp_path):
    config = tmp_path / "serve.toml"
    config.write_text(f'model = ["first={MODEL}", "second={MODEL}"]\nmax-texts = 2\nmax-body = 1000\n'
                      'access-log = "off"\n')
    server = serve("--config", config, "--max-texts", 3, model=None)
    assert [m["id"] for m in server.ask("/v1/models").json()["data"]] == ["first", "second"]
    assert server.ask("/predict", {"inputs": [["a"]] * 3}).status == 200
    assert server.ask("/predict", {"inputs": [["a"]] * 4}).status == 422
    assert server.ask("/classify", {"input": ["a"] * 4}).status == 400
    assert server.ask("/predict", {"inputs": "a" * 2000}).status == 413


@pytest.mark.parametrize("line", ["max-text = 5", "[serve]\nport = 1", 'port = "x"', "max-queue = 0", "port = 99999"])
def test_wrong_settings_are_refused(tmp_path, line):
    config = tmp_path / "serve.toml"
    config.write_text(line + "\n")
    done = run_serve("--config", config, "--check")
    assert done.returncode == 2 and done.stderr


def test_check_loads_the_models(tmp_path):
    assert run_serve("--check", "--port", 0, "-m", MODEL).returncode == 0
    assert run_serve("--check", "--port", 0, "-m", tmp_path / "none").returncode == 3
    done = run_serve("--check", "--port", 0, "-m", f"a={MODEL}", "-m", f"a={MODEL}")
    assert done.returncode == 2 and "two models" in done.stderr
    assert run_serve("--check", "--tls-key", "x").returncode == 2


def test_a_port_that_is_taken(serve):
    server = serve()
    done = run_serve("--port", server.port, "-m", MODEL)
    assert done.returncode == 5 and "cannot listen" in done.stderr


# ---- keys -------------------------------------------------------------------------------------


def test_keys_from_file_and_environment(serve, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("# ours\nfrom-file\n")
    server = serve("--api-key-file", keys, env={"VALENCE_API_KEY": "one,two"})
    def status(key):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return server.ask("/predict", {"inputs": TEXT}, headers=headers).status
    assert [status(key) for key in ("from-file", "one", "two")] == [200] * 3
    assert [status(key) for key in (None, "wrong", "on", "one,two")] == [401] * 4
    assert server.ask("/metrics").status == 401
    assert server.ask("/health").status == 200
    refused = server.ask("/v1/models")
    assert refused.status == 401 and refused.headers["WWW-Authenticate"] == "Bearer"
    assert refused.json()["error"]["code"] == 401
    keys.write_text("new\n")
    server.signal(signal.SIGHUP)
    wait_until(lambda: status("new") == 200)
    assert status("from-file") == 401


# ---- logs -------------------------------------------------------------------------------------


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_tells_all_but_the_text(serve, tmp_path):
    log = tmp_path / "access.log"
    server = serve("--access-log", log)
    reply = server.ask("/predict?secret", {"inputs": TEXT}, headers={"x-request-id": "mine-1"})
    assert reply.headers["x-request-id"] == "mine-1"
    other = server.ask("/secret", {"inputs": "secret"})
    wrong = server.ask("/predict", b'{"inputs": "a secret')
    assert (other.status, wrong.status) == (404, 400)
    wait_until(lambda: len(log.read_text().splitlines()) == 3)
    assert "secret" not in log.read_text()
    entry = lines_of(log)[0]
    assert entry["request_id"] == "mine-1" and entry["status"] == 200 and entry["model"] == "m"
    assert entry["texts"] == 1 and entry["tokens"] > 3 and entry["ms"] > 0 and "client" not in entry
    log.rename(tmp_path / "old.log")
    server.signal(signal.SIGHUP)
    wait_until(log.exists)
    server.ask("/predict", {"inputs": TEXT})
    wait_until(lambda: len(log.read_text().splitlines()) == 1)


def test_the_log_has_texts_where_it_is_asked_to(serve, tmp_path):
    log = tmp_path / "access.log"
    server = serve("--access-log", log, "--log-texts", "--log-clients")
    server.ask("/predict", {"inputs": ["one", "two"]})
    wait_until(lambda: log.read_text().endswith("\n"))
    assert lines_of(log)[0]["content"] == ["one", "two"]
    assert lines_of(log)[0]["client"] == "127.0.0.1"


def test_a_full_disk_stops_the_log_and_nothing_else(serve):
    server = serve("--access-log", "/dev/full")
    for _ in range(20):
        assert server.ask("/predict", {"inputs": TEXT}).status == 200
    wait_until(lambda: server.metric("valence_log_lines_dropped_total") >= 20)
    assert server.end() == 0


# ---- metrics ----------------------------------------------------------------------------------


def test_metrics(serve):
    server = serve("--cache", 1)
    for _ in range(3):
        server.ask("/predict", {"inputs": TEXT})
    server.ask("/predict", b"{")
    text = server.ask("/metrics").body.decode()
    assert 'valence_requests_total{route="/predict",code="200"} 3' in text
    assert 'valence_requests_total{route="/predict",code="400"} 1' in text
    assert 'valence_model_info{model="m",architecture="bert"' in text
    assert server.metric("valence_texts_total") == 3
    assert server.metric("valence_cache_hits_total") == 2
    assert server.metric("valence_queue_windows") == 0
    for name in ("batch_tokens", "queue_seconds", "tokenize_seconds", "inference_seconds", "request_seconds"):
        assert f"# TYPE valence_{name} histogram" in text
    # Every sample belongs to a family that was announced, once.
    announced = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(announced) == len(set(announced))


def test_answers_from_the_cache_are_the_same(serve):
    cached, plain = serve("--cache", 10), serve()
    bodies = [{"inputs": "good film"}, {"inputs": ["good", "film"]}, {"inputs": "good film", "raw_scores": True},
              {"inputs": "good " * 100}, {"inputs": "good " * 100, "truncate": True}, {"inputs": ["goodf", "ilm"]}]
    for body in bodies * 2:
        assert cached.ask("/predict", body).json() == plain.ask("/predict", body).json()
    assert cached.metric("valence_cache_hits_total") == 7


# ---- certificates -----------------------------------------------------------------------------


def write_certificate(folder, name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
             .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
             .not_valid_after(now + datetime.timedelta(days=2))
             .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
             .sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                                       serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))


def served_name(port):
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()


def test_tls_and_a_new_certificate(serve, tmp_path):
    write_certificate(tmp_path, "first")
    context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    server = serve("--tls-certificate", tmp_path / "cert.pem", "--tls-key", tmp_path / "key.pem", scheme="https",
                   context=context)
    assert server.ask("/predict", {"inputs": TEXT}).status == 200
    table = b"text\n" + b"good\n" * 1000
    rows = server.ask("/batch", table, headers={"Content-Type": "text/csv"})
    assert rows.body.count(b"\n") == 1001
    assert served_name(server.port) == "CN=first"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    server.context = old
    assert server.ask("/health").status == 200
    write_certificate(tmp_path, "second")
    server.signal(signal.SIGHUP)
    wait_until(lambda: served_name(server.port) == "CN=second")
    (tmp_path / "cert.pem").write_text("nonsense")
    server.signal(signal.SIGHUP)
    wait_until(lambda: any("not changed" in line for line in server.told))
    assert served_name(server.port) == "CN=second"
    bench = subprocess.run([ROOT / "build/valence", "bench", "--url", server.url, "--insecure", "--seconds", "0.3",
                            "--warm-up", "0", "--json"], capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(bench.stdout)["failures"] == {} and json.loads(bench.stdout)["requests"] > 10


# ---- models at run time -----------------------------------------------------------------------

ADMIN = {"Authorization": "Bearer admin"}


def test_models_are_pushed_and_bad_ones_refused(serve, tmp_path):
    server = serve("--admin-key", "admin", "--model-root", tmp_path)
    good = shutil.copytree(MODEL, tmp_path / "good")
    broken = shutil.copytree(MODEL, tmp_path / "broken")
    weights = (broken / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    wild = shutil.copytree(MODEL, tmp_path / "wild")
    # Numbers that are none, in the right places: only a trial text shows them.
    header = 8 + int.from_bytes(weights[:8], "little")
    (wild / "model.safetensors").write_bytes(weights[:header] + b"\xff" * (len(weights) - header))
    before = server.ask("/predict", {"inputs": TEXT}).json()

    def push(name, path):
        return server.ask("/admin/models", {"name": name, "path": str(path)}, headers=ADMIN)

    assert push("new", good).status == 201
    assert push("new", good).status == 200
    assert server.ask("/models/new", {"inputs": TEXT}).status == 200
    for path in (broken, wild, tmp_path / "none"):
        refused = push("m", path)
        assert refused.status == 422 and str(path) in refused.json()["error"], refused.body
    assert push("m", MODEL).status == 403
    assert push("m", tmp_path / ".." / "x").status == 403
    assert push("a b", good).status == 422
    assert server.ask("/predict", {"inputs": TEXT}).json() == before
    assert server.ask("/admin/models/new", method="DELETE", headers=ADMIN).status == 200
    assert server.ask("/models/new", {"inputs": TEXT}).status == 404
    assert server.ask("/admin/models/m", method="DELETE", headers=ADMIN).status == 409


def test_nobody_changes_models_without_an_admin_key(serve):
    server = serve("--api-key", "user")
    for headers in ({}, ADMIN, {"Authorization": "Bearer user"}):
        assert server.ask("/admin/models", headers=headers).status == 403


def test_models_of_the_config_change_with_sighup(serve, tmp_path):
    config = tmp_path / "serve.toml"
    config.write_text(f'model = ["a={MODEL}"]\n')
    server = serve("--config", config, model=None)
    names = lambda: [m["id"] for m in server.ask("/v1/models").json()["data"]]
    config.write_text(f'model = ["b={MODEL}", "a={MODEL}"]\n')
    server.signal(signal.SIGHUP)
    wait_until(lambda: names() == ["b", "a"])
    for wrong in ('model = ["c=nowhere"]\n', "nonsense = 1\n"):
        told = len(server.told)
        config.write_text(wrong)
        server.signal(signal.SIGHUP)
        wait_until(lambda: any("not changed" in line for line in server.told[told:]))
        assert names() == ["b", "a"]
