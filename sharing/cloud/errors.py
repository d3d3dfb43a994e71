"""What can go wrong between the portal and the cloud.

The tree::

    CloudError
    ├── Unavailable          away or broken: nothing was decided, trying again later may help
    │   ├── Refused          no connection
    │   ├── TimedOut         connected, but no answer in time
    │   └── Broken           a 5xx, or an answer that is not what the API promises
    ├── SignInError
    │   ├── WrongCredentials     wrong password, unknown user, disabled project: one answer for all
    │   └── SecondFactorNeeded   Keystone wants another factor, and gave a receipt for the first
    ├── SessionEnded         the token has expired or was revoked: sign in again
    ├── Forbidden            the cloud's policy refuses this to this user
    ├── NotFound             not there, or not for this user: the API does not tell which
    ├── Conflict             the thing is already so, or in a state that does not allow it
    ├── QuotaExceeded        over a limit of the cloud
    ├── Invalid              the API did not understand what was asked
    │   └── WrongFormat      an upload's bytes are not what the image's format says
    └── Interrupted          who sends an upload's bytes has stopped

Above ``sharing.cloud`` nobody sees an HTTP status or matches the text of a message.
"""

from __future__ import annotations

from typing import ClassVar

from .resources import Receipt


class CloudError(Exception):
    """An upstream call did not do what was asked.

    ``service`` is the product's word for who answered ("Keystone" or "Image API"), ``request_id``
    the ``X-Openstack-Request-Id`` of the call (may be empty), ``message`` the service's own words,
    cleaned of markup, for the log and for the curious: never to be matched on.
    """

    summary: ClassVar[str] = "the cloud answered with an error"

    def __init__(self, message: str = "", *, service: str = "", request_id: str = "") -> None:
        super().__init__(message or self.summary)
        self.message = message
        self.service = service
        self.request_id = request_id


class Unavailable(CloudError):
    summary = "the service is away or broken"


class Refused(Unavailable):
    summary = "no connection"


class TimedOut(Unavailable):
    summary = "no answer in time"


class Broken(Unavailable):
    summary = "an answer that makes no sense"


class SignInError(CloudError):
    summary = "cannot sign in"


class WrongCredentials(SignInError):
    summary = "wrong user, password or domain"


class SecondFactorNeeded(SignInError):
    summary = "a second factor is needed"

    def __init__(
        self, message: str = "", *, receipt: Receipt, service: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, service=service, request_id=request_id)
        self.receipt = receipt


class SessionEnded(CloudError):
    summary = "the token has expired"


class Forbidden(CloudError):
    summary = "the cloud does not allow this"


class NotFound(CloudError):
    summary = "not there"


class Conflict(CloudError):
    summary = "already so"


class QuotaExceeded(CloudError):
    summary = "over the quota"


class Invalid(CloudError):
    summary = "not understood"


class WrongFormat(Invalid):
    summary = "the bytes are of another format"


class Interrupted(CloudError):
    summary = "the upload broke off"
