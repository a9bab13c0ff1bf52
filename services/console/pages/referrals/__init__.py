"""The referral inbox of a co-ordination unit: level 2 and 3 referrals, their ten days, and their outcomes."""

from services.console.pages.referrals.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
