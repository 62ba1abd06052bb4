"""What money means: one rule for each question that more than one service asks. Pure, without I/O.

| question | rule |
|---|---|
| Which lines does a refund name? | `refund_lines` |
| What does a dispute do to its payment? | `disputes` |
"""

from schemas.rules.disputes import DisputeEffect, dispute_effect
from schemas.rules.refund_lines import line_ids_metadata, line_ids_of

__all__ = [
    "DisputeEffect",
    "dispute_effect",
    "line_ids_metadata",
    "line_ids_of",
]
