"""The scenarios on the fake cloud; tests/live has them on the real one."""

from tests.scenarios.calls import CallTraps
from tests.scenarios.image_data import ImageDataRules
from tests.scenarios.lists import ImageRules, ListTraps
from tests.scenarios.members import MemberRules, MemberTraps
from tests.scenarios.sign_in import SignInRules


class TestCallTraps(CallTraps): ...


class TestListTraps(ListTraps): ...


class TestImageRules(ImageRules): ...


class TestImageDataRules(ImageDataRules): ...


class TestMemberTraps(MemberTraps): ...


class TestMemberRules(MemberRules): ...


class TestSignInRules(SignInRules): ...
