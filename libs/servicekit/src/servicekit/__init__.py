"""What every HTTP service shares: application, sign-in, problem details, cursors, migrations, roles."""
