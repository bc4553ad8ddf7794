"""People: users with a login, staff, and how customers come and go."""
