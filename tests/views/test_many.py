from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.bulk import many_and_a_new_version


def test_many_and_a_new_version(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    old, new = (fake.image(producer.project, name=name) for name in ("debian-12", "debian-13"))
    many_and_a_new_version(producer, consumer, old, new)
