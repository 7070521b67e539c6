"""A driver that is honest but for some requests: ``driver.py <misbehaviour> <method> ...``.

It uses the standard library alone, so that it starts at once. Each misbehaviour is one function below.
"""

import json
import os
import signal
import sys
import time

INTRODUCTION = {
    "protocol": "1.0",
    "name": "hostile",
    "version": "1",
    "language": "python",
    "platform": "any",
    "kind": "wrapper",
    "style": "callbacks",
    "capabilities": [],
}


def send(line):
    sys.stdout.buffer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    sys.stdout.buffer.flush()


def respond(request, result):
    send({"jsonrpc": "2.0", "id": request["id"], "result": result})


def notify(method, **params):
    send({"jsonrpc": "2.0", "method": method, "params": params})


def honest(request):
    method = request["method"]
    if method == "initialize":
        respond(request, INTRODUCTION)
    elif method in ("reset", "shutdown"):
        respond(request, {})
    elif method == "observe":
        respond(request, {"snapshot": {"pid": os.getpid()}})
    else:
        respond(request, {"settled": [{"call": request["params"].get("call", "c"), "callback": "success"}]})


def crash(request):
    print("the bridge is on fire", file=sys.stderr, flush=True)
    os._exit(3)


def crash_with_heir(request):
    sleeper()
    os._exit(4)


def segfault(request):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(request):
    os._exit(0)


def hang(request):
    time.sleep(60)


def close_output(request):
    os.close(1)
    time.sleep(60)


def garbage(request):
    send(b"DEBUG: bridge ready\n")


def empty_line(request):
    send(b"\n")


def long_line(request):
    for _ in range(50):
        send(b"x" * 1_000_000)


def endless_line(request):
    while True:
        send(b"x" * 1_000_000)


def broken_utf8(request):
    send(b'{"jsonrpc":"2.0","id":1,"result":{"name":"\xff\xfe"}}\n')


def old_json_rpc(request):
    send({"id": request["id"], "result": {}})


def other_version(request):
    respond(request, {**INTRODUCTION, "protocol": "2.0"})


def wrong_id(request):
    respond({"id": request["id"] + 7}, {})


def text_id(request):
    respond({"id": str(request["id"])}, {})


def twice(request):
    honest(request)
    honest(request)


def misspelt(request):
    respond(request, {"setled": []})


def array(request):
    send([{"jsonrpc": "2.0", "id": request["id"], "result": {}}])


def not_a_number(request):
    send(b'{"jsonrpc":"2.0","id":%d,"result":{"settled":[],"returned":NaN}}\n' % request["id"])


def infinite(request):
    send(b'{"jsonrpc":"2.0","id":%d,"result":{"settled":[],"returned":1e999}}\n' % request["id"])


def same_key_twice(request):
    send(b'{"jsonrpc":"2.0","id":%d,"result":{"settled":[],"settled":[]}}\n' % request["id"])


def deep(request):
    send(b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n")


def unknown_request(request):
    send({"jsonrpc": "2.0", "id": 1, "method": "nativ", "params": {"method": "m", "arguments": []}})


def unknown_notification(request):
    notify("setled", call="c1", callback="success")


def refuse(request):
    send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "not written yet"}})


def could_not_read(request):
    send({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "unexpected token"}})


def flood(request):
    while True:
        notify("settled", call="c1", callback="success")


def ask_forever(request):
    while True:
        native("again", [])


def slow_flood(request):
    while True:
        notify("log", level="info", message="still here")
        time.sleep(0.01)


def stderr_flood(request):
    for number in range(5000):
        print(f"line {number} {'x' * 100}", file=sys.stderr)
    sys.stderr.flush()
    honest(request)


def deaf(request):
    honest(request)
    time.sleep(60)


def ignore(request):
    """Does not end when asked, when told, or when its input ends; only force helps."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def stay(request):
    """Agrees to shut down, but ends only when its input does."""
    respond(request, {})


def grandchild(request):
    respond(request, {"settled": [], "returned": sleeper()})


def sleeper():
    """A child that keeps the driver's pipes open; its process id."""
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    return child


def native(method, arguments):
    send(
        {
            "jsonrpc": "2.0",
            "id": "n1",
            "method": "native",
            "params": {"method": method, "arguments": arguments},
        }
    )
    return json.loads(sys.stdin.buffer.readline())


def late(request):
    notify("settled", call="c0", callback="error")
    honest(request)


def late_and_native(request):
    notify("settled", call="c0", callback="error", value="late")
    notify("log", level="warning", message="100% done")
    replies = [native(method, [method]) for method in ("answered", "failed", "held")]
    settled = [{"call": request["params"]["call"], "callback": "success", "value": None}]
    respond(request, {"settled": settled, "returned": [{**reply, "jsonrpc": ""} for reply in replies]})


def main():
    misbehaviours = {method: globals()[name] for name, method in zip(sys.argv[1::2], sys.argv[2::2], strict=True)}
    for line in sys.stdin.buffer:
        request = json.loads(line)
        misbehaviours.get(request["method"], honest)(request)
        if request["method"] == "shutdown" and misbehaviours.get("shutdown") is not stay:
            break
    if "FAREWELL" in os.environ:
        with open(os.environ["FAREWELL"], "w") as farewell:
            farewell.write("ended by itself")


if __name__ == "__main__":
    main()
