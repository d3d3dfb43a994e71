from django.urls import path, register_converter
from django.urls.converters import StringConverter

from sharing.views import (
    access_requests,
    catalogue,
    feeds,
    health,
    inbox,
    my_requests,
    session,
    shares,
    undo,
    websso,
)
from sharing.views.producer import (
    bulk,
    dashboard,
    ending,
    groups,
    image_changes,
    image_data,
    images,
    jobs,
    ledger,
    listings,
    many_requests,
    members,
    profile,
    records,
    reminders,
    request_form,
    requests,
    share_record,
    standing_rules,
    versions,
)


class MemberConverter(StringConverter):
    """A member as any tool may have named it (trap 1); PostgreSQL takes no NUL."""

    regex = r"[^/\0]+"


register_converter(MemberConverter, "member")

urlpatterns = [
    # The public website
    path("", catalogue.index, name="catalogue"),
    path("feed.atom", feeds.atom_feed, name="feed"),
    path("catalogue.json", feeds.as_json, name="catalogue-json"),
    path("catalogue/<slug:slug>/", catalogue.listing, name="listing"),
    path("catalogue/<slug:slug>/request/", access_requests.ask, name="request"),
    path("producers/<slug:slug>/", profile.show, name="producer-page"),
    path("access/<slug:token>/", access_requests.status, name="access"),
    path("access/<slug:token>/confirm/", access_requests.confirm, name="access-confirm"),
    path("access/<slug:token>/answer/", access_requests.answer, name="access-answer"),
    path("access/<slug:token>/withdraw/", access_requests.withdraw, name="access-withdraw"),
    path("unsubscribe/<slug:token>/", access_requests.unsubscribe, name="unsubscribe"),
    # Signing in
    path("sign-in/", session.sign_in, name="sign-in"),
    path("sign-in/websso/", websso.come_back, name="websso"),
    path("sign-in/websso/start/", websso.start, name="websso-start"),
    path("sign-out/", session.sign_out, name="sign-out"),
    path("scope/", session.scope, name="scope"),
    # The consumer
    path("inbox/", inbox.index, name="inbox"),
    path("inbox/requests/", my_requests.index, name="inbox-requests"),
    path(
        "inbox/requests/<int:request_id>/withdraw/",
        my_requests.withdraw,
        name="inbox-request-withdraw",
    ),
    path("inbox/undo/", undo.undo, name="inbox-undo"),
    path("shares/<uuid:image_id>/", shares.show, name="share"),
    path("shares/<uuid:image_id>/status/", shares.set_status, name="share-status"),
    path("shares/<uuid:image_id>/download/", shares.download, name="share-download"),
    # The producer
    path("producer/", dashboard.index, name="producer"),
    path("producer/figures/", dashboard.figures, name="figures"),
    path("producer/profile/", profile.edit, name="profile"),
    path("producer/images/", images.index, name="producer-images"),
    path("producer/images/new/", image_data.new, name="image-new"),
    path("producer/images/<uuid:image_id>/data/", image_data.data, name="image-data"),
    path("producer/images/<uuid:image_id>/download/", image_data.download, name="image-download"),
    path("producer/images/<uuid:image_id>/edit/", image_changes.edit, name="image-edit"),
    path("producer/images/<uuid:image_id>/delete/", image_changes.delete, name="image-delete"),
    path("producer/images/<uuid:image_id>/", images.show, name="producer-image"),
    path("producer/images/<uuid:image_id>/visibility/", images.set_visibility, name="visibility"),
    path("producer/images/<uuid:image_id>/listing/", listings.edit, name="listing-edit"),
    path(
        "producer/images/<uuid:image_id>/listing/preview/", listings.preview, name="listing-preview"
    ),
    path("producer/images/<uuid:image_id>/request-form/", request_form.edit, name="request-form"),
    path("producer/images/<uuid:image_id>/request-form/rule/", request_form.set_rule, name="rule"),
    path("producer/images/<uuid:image_id>/members/", members.add, name="members"),
    path(
        "producer/images/<uuid:image_id>/members/<member:project_id>/remove/",
        members.remove,
        name="member-remove",
    ),
    path(
        "producer/images/<uuid:image_id>/members/<member:project_id>/contact/",
        members.set_contact,
        name="member-contact",
    ),
    path("producer/images/<uuid:image_id>/members/bulk/", bulk.members, name="members-bulk"),
    path("producer/images/<uuid:image_id>/replaces/", versions.replaces, name="replaces"),
    path("producer/images/<uuid:image_id>/replaces/undo/", versions.undo, name="replaces-undo"),
    path("producer/images/<uuid:image_id>/replaces/late/", versions.carry_late, name="carry-late"),
    path("producer/images/<uuid:image_id>/retire/", versions.retire, name="retire"),
    path("producer/bulk/", bulk.index, name="bulk"),
    path("producer/bulk/template.csv", bulk.template, name="bulk-template"),
    path("producer/groups/", groups.index, name="groups"),
    path("producer/groups/<int:group_id>/", groups.show, name="group"),
    path("producer/groups/<int:group_id>/export.csv", groups.export, name="group-export"),
    path("producer/groups/<int:group_id>/members/", groups.put, name="group-members"),
    path("producer/groups/<int:group_id>/take-out/", groups.take_out, name="group-take-out"),
    path("producer/groups/<int:group_id>/delete/", groups.delete, name="group-delete"),
    path("producer/jobs/", jobs.index, name="jobs"),
    path("producer/jobs/<int:job_id>/", jobs.show, name="job"),
    path("producer/jobs/<int:job_id>/lines/", jobs.correct, name="job-lines"),
    path("producer/jobs/<int:job_id>/start/", jobs.start, name="job-start"),
    path("producer/jobs/<int:job_id>/run/", jobs.run, name="job-run"),
    path("producer/jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
    path("producer/jobs/<int:job_id>/discard/", jobs.discard, name="job-discard"),
    path(
        "producer/images/<uuid:image_id>/members/<member:project_id>/remind/",
        reminders.one,
        name="member-remind",
    ),
    path("producer/images/<uuid:image_id>/members/remind/", reminders.every, name="members-remind"),
    path("producer/images/<uuid:image_id>/members/end/", ending.set_dates, name="members-end"),
    path(
        "producer/images/<uuid:image_id>/members/<member:project_id>/end/",
        ending.set_date,
        name="member-end",
    ),
    path(
        "producer/images/<uuid:image_id>/members/<member:project_id>/",
        share_record.show,
        name="producer-share",
    ),
    path("producer/shares/", ledger.index, name="shares"),
    path("producer/shares.csv", ledger.as_csv, name="shares-csv"),
    path("producer/shares.json", ledger.as_json, name="shares-json"),
    path("producer/shares/ended/", ending.ended, name="shares-ended"),
    path("producer/shares/remind/", reminders.everywhere, name="shares-remind"),
    path("producer/requests/", requests.index, name="requests"),
    path("producer/requests/<int:request_id>/decision/", requests.decide, name="decision"),
    path("producer/requests/decisions/", many_requests.decide, name="decisions"),
    path("producer/requests/rules/", standing_rules.run, name="rules-run"),
    path("producer/requests/<int:request_id>/notes/", many_requests.add_note, name="request-note"),
    path("producer/mail/", records.mail, name="mail"),
    path("producer/mail/<int:mail_id>/retry/", records.retry, name="mail-retry"),
    path("producer/history/", records.history, name="history"),
    # For machines
    path("robots.txt", feeds.robots, name="robots"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
