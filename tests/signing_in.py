"""The sign-in form as a user named ada fills it in."""

from tests.conftest import PASSWORD

FORM = {"method": "password", "username": "ada", "password": PASSWORD, "domain": "Default"}
