"""What the cloud does not hold: listings, access requests, shares, mail, history, jobs."""

from sharing.models.access import AccessRequest, RequestEvent
from sharing.models.bulk import BulkImage, BulkJob, BulkLine, BulkRow
from sharing.models.feed import InboxFeed, Sighting
from sharing.models.group import Group, GroupMember
from sharing.models.history import HistoryEntry
from sharing.models.inbox_rule import InboxRule, RuleDecision
from sharing.models.listing import Listing, Tag
from sharing.models.mail import OutgoingMail
from sharing.models.preferences import DigestItem, MailAddress, Subscription, When
from sharing.models.producer import Producer
from sharing.models.project_token import ProjectToken
from sharing.models.question import Question, RequestNote, Rule
from sharing.models.report import Report
from sharing.models.share import Contact, Recipient, Share
from sharing.models.throttle import Attempt
from sharing.models.version import Succession
from sharing.models.visit import Visit

__all__ = [
    "AccessRequest",
    "Attempt",
    "BulkImage",
    "BulkJob",
    "BulkLine",
    "BulkRow",
    "Contact",
    "DigestItem",
    "Group",
    "GroupMember",
    "HistoryEntry",
    "InboxFeed",
    "InboxRule",
    "Listing",
    "MailAddress",
    "OutgoingMail",
    "Producer",
    "ProjectToken",
    "Question",
    "Recipient",
    "Report",
    "RequestEvent",
    "RequestNote",
    "Rule",
    "RuleDecision",
    "Share",
    "Sighting",
    "Subscription",
    "Succession",
    "Tag",
    "Visit",
    "When",
]
