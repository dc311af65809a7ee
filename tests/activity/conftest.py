"""Every test here may have a till."""

from tests.till import till as till
