"""Simulated outages: the next API calls fail or are slow, so that callers can be tested."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from stripe_sandbox.errors import ServerFault


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call. `after`: the call is executed, and its caller still sees the failure."""

    status: int | None = None
    delay_ms: int = 0
    after: bool = False

    async def delay(self) -> None:
        """Wait, if a delay is set."""
        if self.delay_ms:
            await asyncio.sleep(self.delay_ms / 1000)

    def raise_failure(self) -> None:
        """Raise the failure, if one is set."""
        if self.status is not None:
            code = "rate_limit" if self.status == 429 else None
            raise ServerFault(self.status, "A control of the sandbox made this call fail.", code=code)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """The affected calls: the next `remaining` ones (None: all) whose path starts with `path`."""

    fault: Fault
    remaining: int | None
    path: str


_NONE = Fault()


class Faults:
    """The plan in force, if any."""

    def __init__(self) -> None:
        self.plan: FaultPlan | None = None

    def next(self, path: str) -> Fault:
        """The fault of this call, which counts as one of the affected calls."""
        plan = self.plan
        if plan is None or not path.startswith(plan.path):
            return _NONE
        if plan.remaining is not None:
            self.plan = replace(plan, remaining=plan.remaining - 1) if plan.remaining > 1 else None
        return plan.fault
