# Faults of a Python survey service, on the standard library alone.
import asyncio
import base64
import binascii
import codecs
import concurrent.futures
import configparser
import csv
import ctypes
import datetime
import decimal
import enum
import errno
import fcntl
import gzip
import http.client
import importlib
import ipaddress
import json
import lzma
import os
import pickle
import queue
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tarfile
import threading
import tomllib
import traceback
import urllib.request
import uuid
import xml.etree.ElementTree
import zipfile
import zlib
import zoneinfo

DIR, HTTP, N = os.environ["LAB_DIR"], os.environ["LAB_HTTP"], os.environ["LAB_N"]


class SurveyError(Exception): ...
class NotPermitted(SurveyError): ...
class Outdated(SurveyError): ...
class AllowanceSpent(SurveyError): ...
class PanelOffline(SurveyError): ...


class Kind(enum.Enum):
    OPEN = "open"


def address(name):
    host, port = os.environ[name].split(":")
    return host, int(port)


def get(path, timeout=6):
    return urllib.request.urlopen(f"http://{HTTP}{path}", timeout=timeout).read()


def talk(name, timeout=1):
    with socket.create_connection(address(name), timeout) as peer:
        peer.sendall(b"HELLO\r\n")
        return peer.recv(10)[0]


def raise_(error):
    raise error


def sqlite(*statements):
    with sqlite3.connect(":memory:") as db:
        db.execute("pragma foreign_keys=on")
        for statement in statements:
            db.execute(statement)


def busy_sqlite():
    a, b = sqlite3.connect("s.db"), sqlite3.connect("s.db", timeout=0.1)
    a.execute("create table if not exists t(id)")
    a.execute("begin exclusive")
    b.execute("insert into t values(1)")


def deep(value):
    return deep([value])


def cancelled_executor():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.shutdown()
        pool.submit(print)


def locked():
    first, second = open("s.lock", "w"), open("s.lock", "w")
    fcntl.flock(first, fcntl.LOCK_EX)
    fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def changed_while_read():
    counts = {"a": 1}
    for key in counts:
        counts[key + "b"] = 2


def generator_twice():
    def numbers():
        yield from numbers_()
    g = numbers()
    def numbers_():
        yield next(g)
    next(g)


FAULTS = {
    # fault urlopen-timeout: timeout
    "urlopen-timeout": lambda: get("/stall", 0.3),
    # fault recv-timeout: timeout
    "recv-timeout": lambda: talk("LAB_SILENT", 0.2),
    # fault wait-for: timeout
    "wait-for": lambda: asyncio.run(asyncio.wait_for(asyncio.sleep(5), 0.1)),
    # fault subprocess-timeout: timeout
    "subprocess-timeout": lambda: subprocess.run(["sleep", "5"], timeout=0.2),
    # fault future-timeout: timeout
    "future-timeout": lambda: concurrent.futures.Future().result(0.1),
    # fault panel-slow: timeout
    "panel-slow": lambda: raise_(SurveyError(f"panel provider has been thinking about batch {N} for 90 s, request withdrawn")),
    # fault connect-refused: connectivity
    "connect-refused": lambda: talk("LAB_REFUSED"),
    # fault urlopen-refused: connectivity
    "urlopen-refused": lambda: urllib.request.urlopen(f"http://{os.environ['LAB_REFUSED']}/"),
    # fault getaddrinfo: connectivity
    "getaddrinfo": lambda: socket.getaddrinfo(f"panel-{N}.invalid", 443),
    # fault peer-reset: connectivity
    "peer-reset": lambda: talk("LAB_RESET"),
    # fault remote-disconnected: connectivity
    "remote-disconnected": lambda: urllib.request.urlopen(f"http://{os.environ['LAB_CLOSING']}/"),
    # fault bad-status-line: connectivity or serialization
    "bad-status-line": lambda: urllib.request.urlopen(f"http://{os.environ['LAB_GARBAGE']}/"),
    # fault tls-self-signed: connectivity or configuration
    "tls-self-signed": lambda: urllib.request.urlopen(f"https://{os.environ['LAB_TLS']}/"),
    # fault tls-wrong-version: connectivity
    "tls-wrong-version": lambda: urllib.request.urlopen(f"https://{os.environ['LAB_GARBAGE']}/"),
    # fault http-503: dependency_unavailable
    "http-503": lambda: get("/status/503"),
    # fault http-502: dependency_unavailable
    "http-502": lambda: get("/status/502"),
    # fault panel-offline: dependency_unavailable
    "panel-offline": lambda: raise_(PanelOffline("panel provider announces: no service until monday")),
    # fault http-429: rate_limited
    "http-429": lambda: get("/status/429"),
    # fault allowance: rate_limited
    "allowance": lambda: raise_(AllowanceSpent(f"{N} of {N} invitations sent this week")),
    # fault http-401: access_denied
    "http-401": lambda: get("/status/401"),
    # fault http-403: access_denied
    "http-403": lambda: get("/status/403"),
    # fault open-denied: access_denied
    "open-denied": lambda: open(f"{DIR}/secret.txt"),
    # fault rename-denied: access_denied
    "rename-denied": lambda: os.rename("/etc/hostname", "/etc/hostname2"),
    # fault kill-denied: access_denied
    "kill-denied": lambda: os.kill(1, signal.SIGTERM),
    # fault setuid-denied: access_denied
    "setuid-denied": lambda: os.setuid(0),
    # fault role-lacking: access_denied
    "role-lacking": lambda: raise_(NotPermitted(f"interviewer {N} may not see answers of wave 3")),
    # fault int-malformed: invalid_input
    "int-malformed": lambda: int("12 kg"),
    # fault float-malformed: invalid_input
    "float-malformed": lambda: float("1,99"),
    # fault decimal-malformed: invalid_input
    "decimal-malformed": lambda: decimal.Decimal("1.2.3"),
    # fault date-malformed: invalid_input
    "date-malformed": lambda: datetime.date.fromisoformat("2024-02-30"),
    # fault strptime: invalid_input
    "strptime": lambda: datetime.datetime.strptime("31.12.24", "%Y-%m-%d"),
    # fault uuid-malformed: invalid_input
    "uuid-malformed": lambda: uuid.UUID(f"S-{N}"),
    # fault ip-malformed: invalid_input
    "ip-malformed": lambda: ipaddress.ip_address("10.0.0.256"),
    # fault enum-unknown: invalid_input
    "enum-unknown": lambda: Kind("shut"),
    # fault http-422: invalid_input
    "http-422": lambda: get("/status/422"),
    # fault answer-range: invalid_input
    "answer-range": lambda: raise_(ValueError("answer to Q7 must be between 1 and 10")),
    # fault zone-unknown: invalid_input or configuration, not_found
    "zone-unknown": lambda: zoneinfo.ZoneInfo("Europe/Berlim"),
    # fault http-404: not_found
    "http-404": lambda: get("/status/404"),
    # fault open-missing: not_found
    "open-missing": lambda: open(f"/srv/data/wave-{N}.csv"),
    # fault listdir-missing: not_found
    "listdir-missing": lambda: os.listdir(f"/srv/data/{N}"),
    # fault respondent-missing: not_found
    "respondent-missing": lambda: raise_(LookupError(f"respondent {N} is not in the panel")),
    # fault zip-member-missing: not_found
    "zip-member-missing": lambda: zipfile.ZipFile(shutil.make_archive("z", "zip", DIR, "cut.json")).open("answers.csv"),
    # fault mkdir-exists: conflict
    "mkdir-exists": lambda: os.mkdir(DIR),
    # fault open-exclusive: conflict
    "open-exclusive": lambda: open(f"{DIR}/cut.json", "x"),
    # fault flock-busy: conflict
    "flock-busy": locked,
    # fault sqlite-locked: conflict
    "sqlite-locked": busy_sqlite,
    # fault sqlite-unique: conflict
    "sqlite-unique": lambda: sqlite("create table t(e unique)", "insert into t values(1)", "insert into t values(1)"),
    # fault outdated: conflict
    "outdated": lambda: raise_(Outdated("questionnaire was published by a colleague while you were editing")),
    # fault http-409: conflict
    "http-409": lambda: get("/status/409"),
    # fault write-full: resource_exhausted
    "write-full": lambda: open("/dev/full", "w").write("x" * 10000),
    # fault open-files: resource_exhausted (nofile=24)
    "open-files": lambda: [open("/dev/null") for _ in range(99)],
    # fault memory: resource_exhausted (as=700000000)
    "memory": lambda: bytearray(1_500_000_000),
    # fault recursion: resource_exhausted or code_defect
    "recursion": lambda: deep(1),
    # fault queue-full: resource_exhausted
    "queue-full": lambda: (q := queue.Queue(1), q.put(1), q.put(1, timeout=0.05)),
    # fault file-size: resource_exhausted (fsize=1000)
    "file-size": lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), open(f"big{N}", "wb", 0).write(b"x" * 1000), open(f"big{N}", "ab", 0).write(b"x")),
    # fault fork-limit: resource_exhausted (nproc=1)
    "fork-limit": lambda: subprocess.run(["true"]),
    # fault thread-limit: resource_exhausted (nproc=1)
    "thread-limit": lambda: threading.Thread(target=print).start(),
    # fault gzip-crc: data_integrity or serialization
    "gzip-crc": lambda: gzip.open(f"{DIR}/crc.gz").read(),
    # fault gzip-cut: data_integrity or serialization
    "gzip-cut": lambda: gzip.open(f"{DIR}/cut.gz").read(),
    # fault zip-bad: data_integrity or serialization
    "zip-bad": lambda: zipfile.ZipFile(f"{DIR}/not-a.zip"),
    # fault tar-bad: data_integrity or serialization
    "tar-bad": lambda: tarfile.open(f"{DIR}/not-a.zip"),
    # fault xz-bad: data_integrity or serialization
    "xz-bad": lambda: lzma.open(f"{DIR}/not-a.zip").read(),
    # fault zlib-bad: data_integrity or serialization
    "zlib-bad": lambda: zlib.decompress(b"nonsense"),
    # fault sqlite-not-db: data_integrity
    "sqlite-not-db": lambda: sqlite3.connect(f"file:{DIR}/not-a.db?mode=ro", uri=True).execute("select 1 from t"),
    # fault sqlite-no-table: data_integrity or configuration
    "sqlite-no-table": lambda: sqlite("select * from waves"),
    # fault sqlite-no-column: data_integrity or code_defect
    "sqlite-no-column": lambda: sqlite("create table t(a)", "select b from t"),
    # fault sqlite-foreign: data_integrity
    "sqlite-foreign": lambda: sqlite("create table a(id integer primary key)", "create table b(a references a(id))", "insert into b values(9)"),
    # fault sqlite-null: data_integrity or invalid_input
    "sqlite-null": lambda: sqlite("create table t(a not null)", "insert into t values(null)"),
    # fault weights-sum: data_integrity
    "weights-sum": lambda: raise_(SurveyError(f"weights of wave {N} sum to 1.07, stored file must have been altered")),
    # fault module-missing: configuration
    "module-missing": lambda: importlib.import_module("spss_reader"),
    # fault name-missing: configuration or code_defect
    "name-missing": lambda: exec("from json import loadz"),
    # fault env-missing: configuration
    "env-missing": lambda: os.environ["PANEL_API_KEY"],
    # fault library-missing: configuration
    "library-missing": lambda: ctypes.CDLL("libspss.so.3"),
    # fault symbol-missing: configuration or code_defect
    "symbol-missing": lambda: ctypes.CDLL(None).spss_open,
    # fault program-missing: configuration
    "program-missing": lambda: subprocess.run(["pspp-convert"]),
    # fault port-taken: configuration
    "port-taken": lambda: socket.create_server(address("LAB_HTTP")),
    # fault section-missing: configuration
    "section-missing": lambda: configparser.ConfigParser().get("panel", "url"),
    # fault toml-broken: serialization or configuration
    "toml-broken": lambda: tomllib.loads("retries = = 3"),
    # fault codec-unknown: configuration
    "codec-unknown": lambda: codecs.lookup("ebcdic-99"),
    # fault json-cut: serialization
    "json-cut": lambda: json.load(open(f"{DIR}/cut.json")),
    # fault json-html: serialization
    "json-html": lambda: json.loads(get("/html")),
    # fault json-type: serialization or code_defect
    "json-type": lambda: json.dumps({"at": datetime.datetime.now()}),
    # fault json-circular: serialization or code_defect
    "json-circular": lambda: (a := [], a.append(a), json.dumps(a)),
    # fault utf8-decode: serialization
    "utf8-decode": lambda: open(f"{DIR}/latin1.txt", encoding="utf-8").read(),
    # fault ascii-encode: serialization
    "ascii-encode": lambda: "żółw".encode("ascii"),
    # fault base64-padding: serialization or invalid_input
    "base64-padding": lambda: base64.b64decode("abc"),
    # fault hex-odd: serialization or invalid_input
    "hex-odd": lambda: binascii.unhexlify("abc"),
    # fault struct-short: serialization or code_defect
    "struct-short": lambda: struct.unpack("!Q", b"1234"),
    # fault pickle-cut: serialization
    "pickle-cut": lambda: pickle.loads(pickle.dumps([1, 2])[:-3]),
    # fault pickle-lambda: serialization or code_defect
    "pickle-lambda": lambda: pickle.dumps(lambda: 1),
    # fault xml-mismatch: serialization
    "xml-mismatch": lambda: xml.etree.ElementTree.parse(f"{DIR}/bad.xml"),
    # fault csv-newline: serialization
    "csv-newline": lambda: list(csv.reader(['a,"b\n', 'c\0d'], strict=True)),
    # fault none-attribute: code_defect
    "none-attribute": lambda: None.strip(),
    # fault none-subscript: code_defect
    "none-subscript": lambda: json.loads("null")["a"],
    # fault not-callable: code_defect
    "not-callable": lambda: N(),
    # fault key-error: code_defect
    "key-error": lambda: {"a": 1}["answers"],
    # fault list-index: code_defect
    "list-index": lambda: [1][7],
    # fault add-kinds: code_defect
    "add-kinds": lambda: "n: " + 7,
    # fault missing-argument: code_defect
    "missing-argument": lambda: (lambda a, b: a)(1),
    # fault unpack-count: code_defect
    "unpack-count": lambda: exec("a, b = [1, 2, 3]"),
    # fault name-error: code_defect
    "name-error": lambda: wieghts,
    # fault zero-division: code_defect
    "zero-division": lambda: 1 / (int(N) - int(N)),
    # fault assertion: code_defect
    "assertion": lambda: exec("assert [], 'every wave has questions'"),
    # fault not-implemented: code_defect
    "not-implemented": lambda: raise_(NotImplementedError("quota sampling by region")),
    # fault changed-while-read: code_defect
    "changed-while-read": changed_while_read,
    # fault generator-running: code_defect
    "generator-running": generator_twice,
    # fault loop-running: code_defect
    "loop-running": lambda: asyncio.run(asyncio.sleep(0, asyncio.run)) and asyncio.get_running_loop(),
    # fault executor-shut: code_defect
    "executor-shut": cancelled_executor,
    # fault closed-file: code_defect
    "closed-file": lambda: (f := open("/dev/null"), f.close(), f.read()),
    # fault regex-bad: code_defect or configuration
    "regex-bad": lambda: re.compile("(ab"),
    # fault lock-released: code_defect
    "lock-released": lambda: threading.Lock().release(),
    # fault sql-syntax: code_defect
    "sql-syntax": lambda: sqlite("selec 1"),
    # fault sql-binding: code_defect
    "sql-binding": lambda: sqlite3.connect(":memory:").execute("select ?", (1, 2)),
    # fault child-signal: crash
    "child-signal": lambda: subprocess.run(["sh", "-c", "kill -SEGV $$"], check=True),
    # fault pool-broken: crash
    "pool-broken": lambda: concurrent.futures.ProcessPoolExecutor(1).submit(os.abort).result(),
    # fault null-read: crash
    "null-read": lambda: ctypes.string_at(0),
    # fault abort: crash
    "abort": os.abort,
}


def qualified(kind):
    return kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"


def report(error):
    print("@@type", qualified(type(error)))
    print("@@message", error)
    print("@@trace")
    traceback.print_exception(error, file=sys.stdout)
    print("@@end")


fault, mode = FAULTS[sys.argv[1]], os.environ["LAB_MODE"]
try:
    if mode == "wrap":
        try:
            fault()
        except Exception as cause:
            raise SurveyError(f"wave {N} was not evaluated") from cause
    else:
        fault()
except Exception as error:
    if mode == "raise":
        raise
    report(error)
