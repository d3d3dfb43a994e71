from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import the_whole_loop


def test_the_whole_loop(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    the_whole_loop(producer, consumer, fake.image(producer.project, name="debian-12"))
