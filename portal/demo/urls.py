from django.urls import path

from portal.demo import views

app_name = "demo"
urlpatterns = [
    path("passcodes/", views.passcodes, name="passcodes"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<str:key>/", views.message, name="message"),
    path("mailbox/<str:key>/html/", views.message_html, name="message-html"),
]
