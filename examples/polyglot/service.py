"""The document service in Python: the same documents, tokens and policy as its sibling in TypeScript, decided by the OPA beside it.

    OPA=127.0.0.1:8181 PORT=8000 python3 service.py
"""

import json
import os
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OPA = os.environ.get("OPA", "127.0.0.1:8181")
DOCUMENTS = json.loads(Path(os.environ.get("DOCUMENTS", Path(__file__).with_name("documents.json"))).read_text())


class Documents(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay, and each has one of its own to OPA

    def setup(self):
        super().setup()
        self.opa = HTTPConnection(OPA, timeout=1)

    def do_GET(self):
        self.serve("view", lambda row, _: row)

    def do_PUT(self):
        self.serve("edit", lambda row, new: row.update(title=new["title"], body=new["body"]) or {"saved": row["id"]})

    def serve(self, action, act):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        row = DOCUMENTS.get(self.path.removeprefix("/documents/"))
        status, answer = self.decide(action, row), None
        try:
            answer = act(row, json.loads(body or "null")) if status == 200 else None
        except (ValueError, KeyError, TypeError):
            status = 400
        text = json.dumps(answer or {"status": status}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", len(text))
        self.end_headers()
        self.wfile.write(text)

    def decide(self, action, row):
        """The status of OPA's decision on this row, or on none. Whatever is not exactly an allow is a denial."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        facts = {"scheme": scheme or "Bearer", "address": self.headers.get("X-Forwarded-For", self.client_address[0])}
        question = {"token": token, "action": action, "resource": row and resource(row), "request": facts}
        try:
            self.opa.request("POST", "/v1/data/cardea/authz/decision", json.dumps({"input": question}))
            result = json.load(self.opa.getresponse())["result"]
            return 200 if result["decision"] == "allow" else max(400, int(result["status"]))
        except (OSError, HTTPException, ValueError, KeyError, TypeError):
            self.opa.close()
            return 503

    def log_message(self, *_):
        """Decisions are in the log of OPA, and so in the authority's."""


def resource(row):
    attributes = {"tenant": row["tenant_id"], "owner": row["owner_id"]}
    attributes |= {name: bool(row[name]) for name in ("classified", "shared")}
    return {"type": "Document", "id": row["id"], "attributes": attributes, "parents": [{"type": "Folder", "id": row["folder_id"]}]}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Documents).serve_forever()
