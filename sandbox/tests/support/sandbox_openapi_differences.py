"""Where the sandbox's API version (2026-10-28.endive) differs from the newest document (2026-05-27.dahlia).

Each entry is tested to be needed, so that the list shrinks by itself when a newer document comes.
"""

#: Fields that endive has and the document has not.
ADDED: dict[str, set[str]] = {}

#: Fields that the document has and endive no longer has.
REMOVED: dict[str, set[str]] = {}

#: Endpoints that the document does not have.
ENDPOINTS_ADDED: set[tuple[str, str]] = set()
