"""What the services do, told once, and run on the fake and on the real Keystone and Glance.

Whatever the fake gets wrong fails on the real ones. The numbers are IMAGE_API.md's.
"""

import pytest

pytest.register_assert_rewrite(
    "tests.scenarios.members",
    "tests.scenarios.lists",
    "tests.scenarios.calls",
    "tests.scenarios.sign_in",
)
