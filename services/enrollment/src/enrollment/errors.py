"""The errors of enrollment.

EnrollmentError
├── NotReadable           Stripe does not have the object; a later call will not find it either
└── StripeUnavailable     Stripe does not answer, or says nothing about the object; try again later
    └── KeyRefused        Stripe refuses the key; the fix is another key
"""

from processkit.errors import Transient


class EnrollmentError(Exception):
    """Root of the errors raised here."""


class NotReadable(EnrollmentError):
    """Stripe does not have the object. A later call will not find it either."""


class StripeUnavailable(EnrollmentError, Transient):
    """Stripe does not answer, or its answer does not show whether the object exists."""


class KeyRefused(StripeUnavailable):
    """Stripe refuses the key: it was revoked, or lacks a permission. The fix is another key."""
