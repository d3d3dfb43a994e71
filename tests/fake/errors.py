"""How Glance says no."""

from __future__ import annotations

import http

from .wire import Call, Reply


class GlanceError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def reply(self, call: Call) -> Reply:
        """With a tail of markup, and as a page when the caller did not ask for JSON (trap 13)."""
        title = http.HTTPStatus(self.status).phrase
        title = {413: "Request Entity Too Large"}.get(self.status, title)
        code = f"{self.status} {title}"
        text = self.message + "<br /><br />\n\n\n"
        if call.wants_json:
            return Reply(self.status, {"message": text, "code": code, "title": title})
        page = f"<html>\n <head>\n  <title>{code}</title>\n </head>\n <body>{text}</body>\n</html>"
        return Reply(self.status, text=page, content_type="text/html; charset=UTF-8")
