"""What a script needs if it is about the real SDK: a stand-in for Zoho."""

from __future__ import annotations

from typing import Final

ZOHO: Final = '''\
import atexit
import http.server
import inspect
import json
import shutil
import tempfile
import threading
import urllib.parse


class zoho:
    """What Zoho knows, and what the SDK asks it. It listens on loopback."""

    asked, refreshed, revoked, logins = [], [], [], {}
    knows_users, lifetime = True, 3600
    directory = tempfile.mkdtemp()  # for what the SDK writes
    atexit.register(shutil.rmtree, directory, ignore_errors=True)

    def add_login(token):
        known = read(token)
        email, refresh = known["user"].partition(":")[0], known["refresh_token"]
        for name in ("grant_token", "refresh_token", "access_token"):
            zoho.logins[known[name]] = (email, refresh)

    def environment(kind):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        named = ["stand-in"] if "name" in inspect.signature(kind).parameters else []
        return kind(url, f"{url}/oauth/v2/token", url, *named)

    def answer(path, form, access):
        """The status and the answer to a request."""
        grant, refresh, revoked = map(form.get, ("code", "refresh_token", "token"))
        if path.endswith("/revoke"):
            zoho.revoked.append(revoked)
            known = zoho.logins.pop(revoked, None)
            return (200, {"status": "success"}) if known else (400, {"error": "invalid_token"})
        if path.endswith("/token"):
            zoho.refreshed += [refresh] if refresh else []
            email, login = zoho.logins.pop(grant, None) or zoho.logins.get(refresh) or ("", "")
            if not login:
                return 400, {"error": "invalid_code"}
            zoho.issued = getattr(zoho, "issued", 0) + 1
            access = f"access-{zoho.issued}-of-{email}"
            zoho.logins[access] = (email, login)
            about = {"token_type": "Bearer", "api_domain": "https://api.stand-in.example"}
            about |= {"refresh_token": login} if grant else {}
            return 200, {"access_token": access, "expires_in": zoho.lifetime, **about}
        if access not in zoho.logins or path.endswith("/users") and not zoho.knows_users:
            return 401, {"code": "INVALID_TOKEN", "details": {}, "message": "", "status": "error"}
        user = {"id": "1", "email": zoho.logins[access][0], "status": "active"}
        return 200, {"users": [user], "org": [{"id": "2", "zgid": "60001"}]}


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        form = dict(urllib.parse.parse_qsl(f"{url.query}&{body}"))
        zoho.asked.append(f"{self.command} {url.path}")
        access = (self.headers.get("Authorization") or "").partition(" ")[2]
        status, answer = zoho.answer(url.path, form, access)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


def left(answer, ignored, *wanted):
    """Whether an answer lists just these tokens, in any order, apart from some fields."""
    def plain(made):
        return {name: value for name, value in listed(made).items() if name not in ignored}

    shown, missing = list(map(plain, answer)), list(map(plain, wanted))
    for each in shown:
        fits = [one for one in missing if one in (each, {**each, "id": None})]
        if not fits:
            return False
        missing.remove(fits[0])
    return not missing


'''
