"""Each revision of a database creates the same schema as when it was released.

A change of a released revision would give new databases a schema that upgraded ones lack. So the schema
that each revision creates is stored beside it.
"""

import difflib
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from devstack.testing.catalog import catalog
from devstack.testing.fixtures import MakeDatabase
from processkit.postgres import migrations

SERVICES = Path(__file__).resolve().parents[2] / "services"
FOLDERS = sorted(path.parent for path in SERVICES.glob("*/migrations/env.py"))


def revisions(folder: Path) -> list[str]:
    """All revisions, oldest first."""
    return [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()][::-1]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_a_revision_creates_the_schema_that_it_created_when_released(
    folder: Path, make_database: MakeDatabase
) -> None:
    dsn = make_database()
    for revision in revisions(folder):
        migrations.upgrade(dsn, folder, revision=revision)
        made = "".join(f"{line}\n" for line in catalog(dsn))
        kept = folder / "schemas" / f"{revision}.txt"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            kept.write_text(made, encoding="utf-8")
            pytest.fail(
                f"Revision {revision} is new: commit {kept}, which this test has just written.", pytrace=False
            )
        known = kept.read_text(encoding="utf-8")
        changes = "\n".join(difflib.unified_diff(known.splitlines(), made.splitlines(), lineterm="", n=0))
        if changes:
            pytest.fail(
                f"Revision {revision} creates a different schema than before, which existing databases "
                f"never get. Restore the revision and add a new one.\n{changes}",
                pytrace=False,
            )


def test_every_stored_schema_belongs_to_a_revision() -> None:
    for folder in FOLDERS:
        assert {path.stem for path in (folder / "schemas").glob("*")} == set(revisions(folder))
