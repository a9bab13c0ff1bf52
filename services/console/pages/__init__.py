"""What people see: one module for each area, each with a `BLUEPRINT` (services/console/areas.py)."""
