"""What money means: one rule for each question that more than one service asks. Pure, without I/O.

| question | rule |
|---|---|
| What does a dispute do to its payment? | `disputes` |
"""

from schemas.rules.disputes import DisputeEffect, dispute_effect

__all__ = [
    "DisputeEffect",
    "dispute_effect",
]
