"""The document service in Python: the same documents, tokens and policy as its sibling in TypeScript, decided by the OPA beside it.

    OPA=127.0.0.1:8181 PORT=8000 python3 service.py
"""

import json
import os
import re
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OPA = os.environ.get("OPA", "127.0.0.1:8181")
DOCUMENTS = json.loads(Path(os.environ.get("DOCUMENTS", Path(__file__).with_name("documents.json"))).read_text())


class Documents(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # a connection is one request, so nothing behind a body can pass for another
    timeout = 5  # seconds, for a caller that says nothing

    def do_GET(self):
        self.serve("view", lambda row: row)

    def do_PUT(self):
        self.serve("edit", lambda row: edit(row, json.loads(self.body())))

    def serve(self, action, act):
        row = DOCUMENTS.get(self.path.removeprefix("/documents/"))
        status = self.decide(action, row)
        answer = {"status": status}
        if status == 200:
            try:
                answer = act(row)
            except (ValueError, KeyError, TypeError, RecursionError):
                status, answer = 400, {"status": 400}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def decide(self, action, row):
        """The status of OPA's decision on this row, or on none. Whatever is not exactly an allow is a denial."""
        scheme, _, token = self.headers.get("Authorization", "Bearer ").partition(" ")
        hops = ",".join(self.headers.get_all("X-Forwarded-For", [self.client_address[0]]))
        facts = {"scheme": scheme, "address": hops.rpartition(",")[2].strip()}  # the proxy's word; the rest is the caller's
        question = {"token": token, "action": action, "resource": row and resource(row), "request": facts}
        try:
            with closing(HTTPConnection(OPA, timeout=1)) as opa:
                opa.request("POST", "/v1/data/cardea/authz/decision", json.dumps({"input": question}))
                result = json.load(opa.getresponse())["result"]
            if result["decision"] == "allow":
                return 200
            return result["status"] if result["status"] in range(400, 600) else 503
        except Exception:  # whatever it was: no decision, no answer
            return 503

    def body(self):
        """At most 99 999 bytes."""
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(int(length) if re.fullmatch("[0-9]{1,5}", length) else 0)

    def log_message(self, *_):
        """Decisions are in the log of OPA, and so in the authority's."""


def resource(row):
    attributes = {"tenant": row["tenant_id"], "owner": row["owner_id"]}
    attributes |= {name: bool(row[name]) for name in ("classified", "shared")}
    return {"type": "Document", "id": row["id"], "attributes": attributes, "parents": [{"type": "Folder", "id": row["folder_id"]}]}


def edit(row, draft):
    new = {name: draft[name] for name in ("title", "body")}
    if not all(isinstance(text, str) for text in new.values()):
        raise TypeError("a title and a body are text")
    row.update(new)
    return {"saved": row["id"]}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Documents).serve_forever()
