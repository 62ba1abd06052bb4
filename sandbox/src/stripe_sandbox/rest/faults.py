"""Outages on request: the next calls of the API fail or are slow, so that callers can be tested
against it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from stripe_sandbox.errors import ServerFault


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call. `after`: it is executed, but its caller sees the failure all the same."""

    status: int | None = None
    delay_ms: int = 0
    after: bool = False

    async def delay(self) -> None:
        """Be slow, if so asked."""
        if self.delay_ms:
            await asyncio.sleep(self.delay_ms / 1000)

    def strike(self) -> None:
        """Raise the failure, if so asked."""
        if self.status is not None:
            code = "rate_limit" if self.status == 429 else None
            raise ServerFault(self.status, "The sandbox was told to fail this call.", code=code)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which calls are affected: the next `remaining` ones (None: all) whose path begins with `path`."""

    fault: Fault
    remaining: int | None
    path: str


_NONE = Fault()


class Faults:
    """The plan in force, if any."""

    def __init__(self) -> None:
        self.plan: FaultPlan | None = None

    def next(self, path: str) -> Fault:
        """What is to happen to this call; counts it."""
        plan = self.plan
        if plan is None or not path.startswith(plan.path):
            return _NONE
        if plan.remaining is not None:
            self.plan = replace(plan, remaining=plan.remaining - 1) if plan.remaining > 1 else None
        return plan.fault
