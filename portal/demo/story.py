"""Who is in the demo, and what they have to share: the data of the story that `seed` plays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from portal.demo.disks import GIB, MIB


@dataclass(frozen=True)
class Person:
    """A user of the domain Default. The password is as simple as a demo's may be."""

    name: str
    projects: tuple[str, ...]
    part: str
    passcode_secret: str = ""
    is_of_company: bool = False

    @property
    def password(self) -> str:
        return f"{self.name}-demo"

    @property
    def email(self) -> str:
        return f"{self.name}@{self.projects[0]}.example"


@dataclass(frozen=True)
class Listed:
    """The listing of an image, as its producer types it."""

    title: str
    summary: str
    description: str
    tags: str
    terms: str = ""
    state: str = "published"


@dataclass(frozen=True)
class Disk:
    """An image and its listing. `size` and `virtual_size` are bytes, `min_disk` GiB, `min_ram`
    MiB.
    """

    name: str
    owner: Person
    disk_format: str
    size: int
    virtual_size: int
    min_disk: int
    min_ram: int
    properties: dict[str, str]
    listed: Listed = field(repr=False)


ADA = Person("ada", ("acme-images",), "producer: looks after Acme's Linux images")
BO = Person("bo", ("fjord-platform",), "producer: platform team with Rocky and Windows")
CHEN = Person("chen", ("orchard",), "consumer: has accepted, hidden and waiting images")
DANA = Person("dana", ("lighthouse", "tidal-research"), "consumer in two projects: can switch")
ELI = Person("eli", ("tidal-research",), "consumer: asked for images, one answer is due")
PEOPLE = (ADA, BO, CHEN, DANA, ELI)
# Who signs in otherwise: with a one-time passcode besides the password, and at a company's page.
GUS = Person(
    "gus",
    ("orchard",),
    "consumer: with a passcode besides",
    passcode_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
)
FAY = Person("fay", ("orchard",), "consumer: by “Example Company”", is_of_company=True)
COMPANY = "Example Company"

UBUNTU = Disk(
    name="ubuntu-24.04-lts",
    owner=ADA,
    disk_format="qcow2",
    size=12 * MIB,
    virtual_size=10 * GIB,
    min_disk=10,
    min_ram=1024,
    properties={"os_distro": "ubuntu", "os_version": "24.04", "architecture": "x86_64"},
    listed=Listed(
        title="Ubuntu 24.04 LTS",
        summary="The long-term release, hardened to CIS level 1 and patched every week.",
        description="""\
A minimal server image, rebuilt every Monday from the official cloud image.

## What is different

- CIS benchmark level 1, audited at every build
- `cloud-init` 24, the QEMU guest agent, `chrony` with the cloud's time servers
- unattended security upgrades are **on**; reboot when it suits you

## First sign-in

The user is `ubuntu`; only your key opens it.

```
openstack server create --image <image-id> --flavor m1.small --key-name mine web-1
```
""",
        tags="lts, hardened, server",
    ),
)

DEBIAN = Disk(
    name="debian-12-bookworm",
    owner=ADA,
    disk_format="raw",
    size=8 * MIB,
    virtual_size=8 * MIB,
    min_disk=4,
    min_ram=512,
    properties={"os_distro": "debian", "os_version": "12", "architecture": "x86_64"},
    listed=Listed(
        title="Debian 12 “bookworm”",
        summary="Small, plain and quick to boot: Debian as it comes, raw for Ceph.",
        description="""\
The generic cloud image of Debian 12, converted to raw so that Ceph can clone it without copying.

| what | how |
|---|---|
| User | `debian` |
| Root file system | ext4, grows at first boot |
| Kernel | 6.1, from stable |
""",
        tags="minimal, server, ceph",
    ),
)

CUDA = Disk(
    name="ubuntu-24.04-cuda-12",
    owner=ADA,
    disk_format="qcow2",
    size=20 * MIB,
    virtual_size=40 * GIB,
    min_disk=40,
    min_ram=16384,
    properties={
        "os_distro": "ubuntu",
        "os_version": "24.04",
        "architecture": "x86_64",
        "hw_firmware_type": "uefi",
    },
    listed=Listed(
        title="GPU workstation: Ubuntu 24.04 with CUDA 12",
        summary="Drivers, CUDA 12 and container toolkit in place: start a GPU flavor and compute.",
        description="""\
For the GPU flavors (`g1.*`). The driver is loaded at boot, so the first job can start at once.

1. Boot with a flavor that has a GPU.
2. Check with `nvidia-smi`.
3. Run containers with `--gpus all`.

Ask us before you use it for more than **eight** servers at a time: licences are counted.
""",
        tags="gpu, cuda, research",
        terms="""\
For research and teaching only. The driver's licence of its maker applies.

Do not pass the image on: the project that asked is the project that uses it.
""",
    ),
)

ROCKY = Disk(
    name="rocky-9.4",
    owner=BO,
    disk_format="qcow2",
    size=6 * MIB,
    virtual_size=10 * GIB,
    min_disk=10,
    min_ram=1024,
    properties={"os_distro": "rocky", "os_version": "9.4", "architecture": "aarch64"},
    listed=Listed(
        title="Rocky Linux 9",
        summary="Enterprise Linux for Arm servers, with SELinux enforcing.",
        description="""\
Built for the Arm hosts of the platform. SELinux is enforcing, and stays so.

The user is `rocky`. Packages come from the platform's mirror, which every project can reach.
""",
        tags="arm, server, selinux",
    ),
)

WINDOWS = Disk(
    name="windows-server-2025-install",
    owner=BO,
    disk_format="iso",
    size=3 * MIB,
    virtual_size=3 * MIB,
    min_disk=60,
    min_ram=4096,
    properties={"os_distro": "windows", "os_version": "2025", "architecture": "x86_64"},
    listed=Listed(
        title="Windows Server 2025 (installation medium)",
        summary="Evaluation medium with the virtio drivers on it. Bring your own licence.",
        description="To be written: how to attach the medium, and which drivers to choose.",
        tags="windows, iso",
        terms="You need a licence of your own for everything but an evaluation of 180 days.",
        state="draft",
    ),
)
ALPINE = Disk(
    name="alpine-3.21",
    owner=ADA,
    disk_format="qcow2",
    size=1 * MIB,
    virtual_size=1 * GIB,
    min_disk=1,
    min_ram=256,
    properties={"os_distro": "alpine", "os_version": "3.21", "architecture": "x86_64"},
    listed=Listed(
        title="Alpine for the edge",
        summary="One of the smallest systems there is, for gateways and tiny servers.",
        description="""\
Boots in seconds with a quarter of a gigabyte of memory.

The user is `alpine`; `doas` instead of `sudo`. A new version comes twice a year, here, under
the same address.
""",
        tags="minimal, edge",
    ),
)
DISKS = (UBUNTU, DEBIAN, CUDA, ROCKY, WINDOWS, ALPINE)

# The next version of Alpine goes on with its listing.
ALPINE_NEXT = replace(
    ALPINE, name="alpine-3.22", properties={**ALPINE.properties, "os_version": "3.22"}
)
# Superseded by the one that is listed.
UBUNTU_OLD = replace(
    UBUNTU, name="ubuntu-22.04-lts", properties={**UBUNTU.properties, "os_version": "22.04"}
)
WHAT_IS_NEW = """\
Kernel 6.12, OpenSSH 10, and cloud-init starts two seconds sooner.
The old one gets no more updates."""
EDGE_PARTNERS = "Edge partners"

# What Ada's project says of itself, asks of those who ask, and lets a rule decide.
PROFILE = {
    "name": "Acme Images",
    "description": """\
We look after the Linux images of this cloud: plain, small, and **rebuilt every Monday**.

- Each build is booted and checked before it is published.
- Older builds stay for three months, hidden; whoever has them is written to before they go.
""",
    "website": "https://images.acme.example/",
    "contact_email": "images@acme-images.example",
}
QUESTIONS = {
    "answer_days": "2",
    "form-TOTAL_FORMS": "3",
    "form-INITIAL_FORMS": "0",
    "form-0-text": "What will you compute?",
    "form-0-kind": "text",
    "form-0-is_required": "on",
    "form-1-text": "How many servers at a time?",
    "form-1-kind": "choice",
    "form-1-choices": "One or two\nUp to eight\nMore",
    "form-2-text": "It is for research or teaching",
    "form-2-kind": "tick",
}
RULE = {"is_on": "on", "allow_domains": "orchard.example"}  # and a project, by its ID

# Whose project always accepts what the other project shares: Eli's by the next visit of his, since
# something will be shared by then; Chen's colleagues share nothing yet.
TRUST = ((ELI, "fjord-platform"), (CHEN, "lighthouse"))


def sign_ins() -> list[str]:
    """A table of who may sign in, a line each."""
    rows = [("Name", "Password", "Domain", "Projects", "Part in the story")]
    everybody = (*PEOPLE, GUS, FAY)
    rows += [(p.name, p.password, "Default", ", ".join(p.projects), p.part) for p in everybody]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def passcodes(base_url: str) -> list[str]:
    """How to get the one-time passcodes, a line each."""
    page = f"{base_url}/demo/passcodes/"
    return [f"  {GUS.name}’s passcode secret is {GUS.passcode_secret}; as of now: {page}"]
