"""PostgreSQL: connections, pools, statements made from tables, migrations."""
