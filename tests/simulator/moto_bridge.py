# SPDX-License-Identifier: MPL-2.0
"""The door to moto: loads it when first needed, hands it requests, opens its state.

moto is single-minded about threads, so its callers hold the world's lock.
"""

import gc
import io
import sys
import threading
import traceback

from .errors import AwsError
from .message import Response

# Headers that moto must not see: it would take Region or account from them.
HIDDEN = {"user-agent", "x-moto-account-id", "connection"}
# Answer headers that the connection writes itself.
OWN = {"connection", "content-length", "date", "server", "content-type"}


class Moto:
    def __init__(self):
        self._loading = threading.Lock()
        self._app = None

    def load(self, patch):
        """About two seconds of imports, once; `patch` corrects moto's classes."""
        if self._app is not None:
            return
        with self._loading:
            if self._app is not None:
                return
            gc.disable()  # what is loaded stays, so it is not searched for garbage
            from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

            patch()
            self._app = DomainDispatcherApplication(create_backend_app)
            gc.freeze()
            gc.enable()

    @staticmethod
    def backend(service, account, region):
        from moto.backends import get_backend

        return get_backend(service)[account][region]

    @staticmethod
    def backends(service):
        from moto.backends import get_backend

        return [b for account in list(get_backend(service).values()) for b in list(account.values())]

    @staticmethod
    def reset():
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data

        BackendDict.reset()
        reset_model_data()

    def forward(self, request, account):
        status, headers = [], []

        def start_response(line, pairs, _exc_info=None):
            status.append(int(line.split()[0]))
            headers.extend(pairs)

        try:
            body = b"".join(self._app(_environ(request, account), start_response))
        except Exception as problem:  # moto's bugs are the imitation's 500s, not a dead connection
            traceback.print_exc(file=sys.stderr)
            raise AwsError("InternalFailure", f"moto: {problem!r}", 500) from problem
        if body == b"null":  # where AWS sends an empty body
            body = b""
        named = {name.lower(): value for name, value in headers}
        return Response(
            status[0],
            body,
            named.get("content-type", "text/xml"),
            {name: value for name, value in headers if name.lower() not in OWN},
        )


def _environ(request, account):
    path, _, query = request.target.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.header("content-type") or "",
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_X_MOTO_ACCOUNT_ID": account,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in HIDDEN:
            environ.setdefault("HTTP_" + name.upper().replace("-", "_"), value)
    return environ
