from django.conf import settings
from django.urls import include, path

urlpatterns = [path("", include("sharing.urls"))]
if settings.DEMO_MAILBOX:
    urlpatterns.insert(0, path("demo/", include("portal.demo.urls")))

handler400 = "sharing.views.errors.bad_request"
handler403 = "sharing.views.errors.forbidden"
handler404 = "sharing.views.errors.not_found"
