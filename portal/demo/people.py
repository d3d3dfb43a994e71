"""How the people of the story get into the demo's cloud, each by what they sign in with."""

from __future__ import annotations

from portal.demo.cloud import DemoCloud
from portal.demo.story import Person


def arrive(cloud: DemoCloud, person: Person) -> dict[str, str]:
    """The person's projects: name → ID. At a company's page Keystone makes the user by itself."""
    projects = {name: cloud.create_project(name) for name in person.projects}
    if person.is_of_company:
        cloud.employ(person.name, person.projects[0])
        return projects
    user_id = cloud.create_user(person.name, person.password)
    for project_id in projects.values():
        cloud.grant(user_id, project_id, "member")
    if secret := person.passcode_secret:
        cloud.ask_for_passcodes(user_id, secret=secret, rules=[["password", "totp"]])
    return projects
